"""An ASGI service that verifies for itself: ``uvicorn asgi_service:app``."""

from __future__ import annotations

import json
import os
from typing import Any

from oathmesh import open_verifier
from oathmesh.middleware import AsgiMiddleware
from oathmesh.redis import RedisReplay

verifier = open_verifier(
    {
        "audience": "https://inventory.internal",
        "issuers": [os.environ["OATHMESH_ISSUER"]],
        "keys": {"allow_http": os.environ["OATHMESH_ISSUER"].startswith("http://127.0.0.1")},
        "policy": {
            "rules": [
                {
                    "name": "ci may read and write",
                    "match": {"sub": "agent://ci/*", "act": "inventory.*"},
                    "allow": True,
                }
            ]
        },
        "require": {
            "routes": [
                {"method": "GET", "path": "/items", "action": "inventory.read"},
                {"method": "POST", "path": "/items", "action": "inventory.write"},
            ]
        },
        "request_binding": {"mode": "strict", "required": "unsafe"},
    },
    # Used tokens are known to every process and every gateway on this Redis.
    replay=RedisReplay(os.environ["REDIS_URL"]).store(),
)


async def service(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        raise NotImplementedError
    caller = scope["oathmesh"]
    body = json.dumps({"hello": caller.claims.sub, "may": caller.claims.act}).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


app = AsgiMiddleware(service, verifier)
