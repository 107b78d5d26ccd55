import os
from urllib.parse import urljoin

import httpx
import requests

from oathmesh import create_client
from oathmesh.httpx_transport import OathMeshTransport
from oathmesh.requests_adapter import OathMeshAdapter

client = create_client(
    issuer=os.environ["OATHMESH_ISSUER"],
    credential=os.environ["OATHMESH_CREDENTIAL"],
    audience="https://inventory.internal",
    action="inventory.read",
)
url = os.environ["INVENTORY_URL"]
with httpx.Client(transport=OathMeshTransport(client), follow_redirects=True) as by_httpx:
    print(by_httpx.get(url).status_code)
with requests.Session() as by_requests:
    origin = urljoin(url, "/")
    by_requests.mount(origin, OathMeshAdapter(client, origin))
    print(by_requests.get(url, timeout=10).status_code)
