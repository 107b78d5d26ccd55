"""A WSGI service that verifies for itself: ``gunicorn wsgi_service:app``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from oathmesh import open_verifier
from oathmesh.middleware import WsgiMiddleware
from oathmesh.redis import RedisReplay

verifier = open_verifier(
    {
        "audience": "https://inventory.internal",
        "issuers": [os.environ["OATHMESH_ISSUER"]],
        "keys": {"allow_http": os.environ["OATHMESH_ISSUER"].startswith("http://127.0.0.1")},
        "policy": {"allow_all": True},
        "request_binding": {"mode": "strict", "required": "unsafe"},
    },
    replay=RedisReplay(os.environ["REDIS_URL"]).store(),
)


def service(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    caller = environ["oathmesh"]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"hello": caller.claims.sub, "may": caller.claims.act}).encode()]


app = WsgiMiddleware(service, verifier)
