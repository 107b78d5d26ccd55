import os
import urllib.request

from oathmesh import create_client, github_actions

issuer = os.environ["OATHMESH_ISSUER"]
client = create_client(
    issuer=issuer,
    credential=github_actions(audience=issuer),
    audience="https://inventory.internal",
    action="inventory.read",
)
request = urllib.request.Request(
    os.environ["INVENTORY_URL"], headers={"Authorization": client.authorization()}
)
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())
