import os

import httpx

from oathmesh import create_client
from oathmesh.httpx_auth import OathMeshAuth

client = create_client(
    issuer=os.environ["OATHMESH_ISSUER"],
    credential=os.environ["OATHMESH_CREDENTIAL"],
    audience="https://inventory.internal",
    action="inventory.read",
)
print(httpx.get(os.environ["INVENTORY_URL"], auth=OathMeshAuth(client)).json())
