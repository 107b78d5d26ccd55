import asyncio
import os

import httpx

from oathmesh import create_client
from oathmesh.httpx_auth import OathMeshAuth

client = create_client(
    issuer=os.environ["OATHMESH_ISSUER"],
    credential=os.environ["OATHMESH_CREDENTIAL"],
    audience="https://inventory.internal",
    action="inventory.read",
    prefetch=4,
)


async def main() -> None:
    async with httpx.AsyncClient(auth=OathMeshAuth(client)) as session:
        answers = await asyncio.gather(
            *(session.get(os.environ["INVENTORY_URL"]) for _ in range(10))
        )
    print([answer.status_code for answer in answers])


asyncio.run(main())
