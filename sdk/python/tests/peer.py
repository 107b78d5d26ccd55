"""The Python SDK as a process for tests across languages.

Verifies every request that is not for ``/peer/``, mints at ``/peer/mint``, and calls at
``/peer/call``. Settings are JSON in the variable ``PEER``. Prints its address and ends when its
input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx

from oathmesh import create_client, open_verifier
from oathmesh.httpx_transport import OathMeshTransport
from oathmesh.middleware import WsgiMiddleware
from oathmesh.redis import RedisReplay, RedisSettings

SETTINGS = json.loads(os.environ["PEER"])
CLIENT = create_client(
    issuer=SETTINGS["issuer"],
    key=SETTINGS["key"],
    subject=SETTINGS["subject"],
    audience=SETTINGS["audience"],
    action="items.write",
)
REDIS = RedisSettings(
    host=SETTINGS["redis"].split(":")[0],
    port=int(SETTINGS["redis"].split(":")[1]),
    timeout=SETTINGS["redis_timeout_ms"],
)
VERIFIER = open_verifier(
    {
        "audience": SETTINGS["audience"],
        "issuers": [{"issuer": SETTINGS["issuer"], "jwks_uri": SETTINGS["jwks_uri"]}],
        "keys": {"allow_http": True, "ttl": SETTINGS["keys_ttl"], "refresh_cooldown": 1},
        "policy": {"allow_all": True},
        "deadline_ms": SETTINGS["deadline_ms"],
    },
    replay=RedisReplay(REDIS).store(),
)


def service(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok\n"]


VERIFIED = WsgiMiddleware(service, VERIFIER)


def call(method: str, url: str) -> int:
    """The status of a call, 0 when there was no answer."""
    try:
        content = b"{}" if method == "POST" else None
        with httpx.Client(transport=OathMeshTransport(CLIENT)) as session:
            return session.request(method, url, content=content).status_code
    except httpx.TransportError:
        return 0


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if not path.startswith("/peer/"):
        return VERIFIED(environ, start_response)
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/peer/mint":
        return [CLIENT.authorization().encode()]
    query = parse_qs(environ["QUERY_STRING"])
    return [str(call(query["method"][0], query["url"][0])).encode()]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
