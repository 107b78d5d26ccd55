"""The examples, and the README that shows them, against an issuer and a Redis."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer

import pytest
import uvicorn
from kit import HttpServer, RedisServer, Reply, Seen, until
from test_middleware import QuietHandler
from vectors import KEYS

from oathmesh import mint, public_jwk

ROOT = Path(__file__).resolve().parents[1]
CREDENTIAL = "the-credential-of-ci"


class Issuer:
    """An issuer as in docs/issuer.md, with one client and no policy."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        # Redis begins its history with the second after now.
        self.ahead = 2
        server.answer = self

    def __call__(self, seen: Seen) -> Reply:
        if seen.target == "/.well-known/jwks.json":
            return Reply.json({"keys": [public_jwk(KEYS["trusted"])]})
        if seen.target.startswith("/github"):
            return Reply.json({"value": CREDENTIAL})
        if seen.token != f"Bearer {CREDENTIAL}":
            return Reply.json({"error": "mint_auth_denied", "message": "No.", "fix": "Ask."}, 403)
        asked = json.loads(seen.body)
        iat = int(time.time()) + self.ahead
        ttl = asked.pop("ttl_hint")
        claims = {
            "iss": self.server.origin, "sub": "agent://ci/deploy-bot", **asked,
            "iat": iat, "exp": iat + ttl, "jti": str(uuid.uuid4()),
        }  # fmt: skip
        return Reply.json({"token": mint(claims, KEYS["trusted"]), "expires_in": ttl})


@pytest.fixture
def issuer(http_server: HttpServer) -> Issuer:
    return Issuer(http_server)


def environment(issuer: Issuer, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "OATHMESH_ISSUER": issuer.server.origin,
        "OATHMESH_CREDENTIAL": CREDENTIAL,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{issuer.server.origin}/github?v=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
        **more,
    }


def run(name: str, issuer: Issuer, *arguments: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / f"{name}.py"), *arguments],
        env=environment(issuer, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def app_of(name: str, issuer: Issuer, redis: RedisServer, monkeypatch: Any) -> Any:
    monkeypatch.setenv("OATHMESH_ISSUER", issuer.server.origin)
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{redis.port}")
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise AssertionError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def asgi(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/items"
    server.should_exit = True
    thread.join()


@contextlib.contextmanager
def wsgi(app: Any) -> Iterator[str]:
    app.raw = True
    server = WSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/items"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["asgi", "wsgi"])
def inventory(
    request: pytest.FixtureRequest,
    issuer: Issuer,
    shared_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The URL of a service among the examples."""
    module = app_of(f"{request.param}_service", issuer, shared_redis, monkeypatch)
    redis = module.verifier.ports.replay.redis
    redis.open()
    with (asgi if request.param == "asgi" else wsgi)(module.app) as url:
        yield url
    redis.close()


READ = {"hello": "agent://ci/deploy-bot", "may": "inventory.read"}


def test_the_start_passes(issuer: Issuer, inventory: str) -> None:
    arguments = (issuer.server.origin, CREDENTIAL, "https://inventory.internal", inventory)
    assert json.loads(run("start", issuer, *arguments).replace("'", '"')) == READ


def test_a_call_with_httpx_passes(issuer: Issuer, inventory: str) -> None:
    shown = run("call_with_httpx", issuer, INVENTORY_URL=inventory)
    assert json.loads(shown.replace("'", '"')) == READ


def test_a_bound_call_with_requests_passes(issuer: Issuer, inventory: str) -> None:
    shown = run("call_with_requests", issuer, INVENTORY_URL=inventory)
    assert shown == "200 {'hello': 'agent://ci/deploy-bot', 'may': 'inventory.write'}"


def test_many_calls_pass(issuer: Issuer, inventory: str) -> None:
    shown = run("call_many", issuer, INVENTORY_URL=inventory)
    assert shown == str([200] * 10)


def test_calls_that_follow_redirects_pass(issuer: Issuer, inventory: str) -> None:
    assert run("call_whatever_happens", issuer, INVENTORY_URL=inventory) == "200\n200"


def test_a_call_from_github_actions_passes(issuer: Issuer, inventory: str) -> None:
    shown = run("call_from_github_actions", issuer, INVENTORY_URL=inventory)
    assert json.loads(shown) == READ


def test_verification_by_hand_names_the_caller_or_the_reason(issuer: Issuer) -> None:
    from oathmesh import create_client

    client = create_client(
        issuer=issuer.server.origin,
        credential=CREDENTIAL,
        audience="https://inventory.internal",
        action="inventory.read",
    )
    shown = run("verify_by_hand", issuer, AUTHORIZATION=client.authorization())
    assert shown == "agent://ci/deploy-bot may inventory.read"
    shown = run("verify_by_hand", issuer, AUTHORIZATION="Bearer x")
    assert shown.startswith("refused at step None: claim_missing:token. Send exactly one header")


README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"<!-- (\S+) -->\n```python\n(.*?)```", README, re.S)


def test_the_readme_shows_the_examples_as_they_are() -> None:
    assert len(BLOCKS) == README.count("```python")
    for name, block in BLOCKS:
        assert block == (ROOT / name).read_text("utf-8"), name


def test_the_readme_names_every_extra() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    extras = re.findall(r"^(\w+) = \[\"", pyproject, re.M)
    for extra in ("httpx", "requests", "redis"):
        assert extra in extras
        assert f"oathmesh[{extra}]" in README
