import os

import requests

from oathmesh import create_client
from oathmesh.requests_auth import OathMeshAuth

client = create_client(
    issuer=os.environ["OATHMESH_ISSUER"],
    credential=os.environ["OATHMESH_CREDENTIAL"],
    audience="https://inventory.internal",
    action="inventory.write",
    binding="strict",
)
answer = requests.post(
    os.environ["INVENTORY_URL"],
    json={"sku": "A-1", "qty": 2},
    auth=OathMeshAuth(client),
    timeout=10,
)
print(answer.status_code, answer.json())
