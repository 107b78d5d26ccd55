import sys

import httpx

from oathmesh import create_client
from oathmesh.httpx_auth import OathMeshAuth

issuer, secret, audience, url = sys.argv[1:]
client = create_client(issuer=issuer, credential=secret, audience=audience, action="inventory.read")
print(httpx.get(url, auth=OathMeshAuth(client)).json())
