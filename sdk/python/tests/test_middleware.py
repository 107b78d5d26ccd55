"""Services behind real servers: uvicorn for ASGI, wsgiref for WSGI."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
import uvicorn
from kit import fresh_token, until, verifier_with

from oathmesh import Caller, Decision, MemoryReplayStore, Verifier, request_hash
from oathmesh.call import RequestLine
from oathmesh.middleware import AsgiMiddleware, WsgiMiddleware

Options = dict[str, Any]


def seen_of(headers: list[tuple[str, str]], caller: Caller, body: bytes) -> bytes:
    ours = [[n, v] for n, v in headers if "oathmesh" in n.lower() or "authorization" in n.lower()]
    return json.dumps({"headers": ours, "sub": caller.claims.sub, "body": body.decode()}).encode()


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
    answer = seen_of(headers, scope["oathmesh"], body)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": answer})


def wsgi_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = [
        (name[5:].replace("_", "-").lower(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    start_response("200 OK", [])
    return [seen_of(headers, environ["oathmesh"], body)]


@contextlib.contextmanager
def asgi_service(verifier: Verifier, **options: Any) -> Iterator[int]:
    app: Any = AsgiMiddleware(asgi_app, verifier, **options)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def get_environ(self) -> Any:
        environ = super().get_environ()
        if self.server.application.raw:  # type: ignore[attr-defined]
            environ["REQUEST_URI"] = self.requestline.split(" ")[1]
        return environ


@contextlib.contextmanager
def wsgi_service(verifier: Verifier, raw: bool = True, **options: Any) -> Iterator[int]:
    app: Any = WsgiMiddleware(wsgi_app, verifier, **options)
    app.raw = raw
    server = WSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


SERVICES = {"asgi": asgi_service, "wsgi": wsgi_service}


@pytest.fixture(params=[*SERVICES.values()], ids=[*SERVICES])
def service(request: pytest.FixtureRequest) -> Callable[..., Any]:
    chosen: Callable[..., Any] = request.param
    return chosen


class Got:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.body = json.loads(answer.read())


def ask(
    port: int,
    *lines: str,
    target: str = "/",
    method: str = "GET",
    body: bytes = b"",
    chunked: bool = False,
) -> Got:
    """One request, written as it stands."""
    head = [f"{method} {target} HTTP/1.1", "Host: x", *lines]
    if chunked:
        head.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    elif body:
        head.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + body)
        answer = http.client.HTTPResponse(sock, method=method)
        answer.begin()
        with contextlib.closing(answer):
            return Got(answer)


def auth(**claims: object) -> str:
    return f"Authorization: OathMesh {fresh_token(**claims)}"


def new_verifier(**config: object) -> Verifier:
    return verifier_with(MemoryReplayStore(), deadline_ms=10_000, **config)


class TestAVerifiedCall:
    def test_reaches_the_application_with_its_identity_and_without_its_token(
        self, service: Callable[..., Any]
    ) -> None:
        with service(new_verifier()) as port:
            got = ask(port, auth(jti="one"))
        assert got.status == 200
        assert got.body["sub"] == "agent://ci/deploy-bot"
        assert got.body["headers"] == [
            ["x-oathmesh-decision", "allow"],
            ["x-oathmesh-subject", "agent://ci/deploy-bot"],
            ["x-oathmesh-action", "inventory.write"],
            ["x-oathmesh-issuer", "https://issuer.example.test"],
            ["x-oathmesh-token-id", "one"],
        ]

    def test_passes_once(self, service: Callable[..., Any]) -> None:
        with service(new_verifier()) as port:
            token = auth()
            assert [ask(port, token).status for _ in range(2)] == [200, 401]

    def test_brings_no_header_of_ours_along(self, service: Callable[..., Any]) -> None:
        spellings = [
            "X-OathMesh-Subject", "x-oathmesh-subject", "X_OathMesh_Subject", "X-OATHMESH_SUBJECT",
            "X-OathMesh-Tenant", "x_oathmesh-tenant", "X-OathMesh-Decision", "X-OathMesh-Anything",
        ]  # fmt: skip
        with service(new_verifier()) as port:
            got = ask(port, auth(), *(f"{name}: admin" for name in spellings))
        assert got.status == 200
        values = [value for _, value in got.body["headers"]]
        assert not any("admin" in value for value in values)
        assert len(values) == 5

    def test_has_every_claim_in_ascii_on_request(self, service: Callable[..., Any]) -> None:
        wanted = [
            "reason", "scope", "source", "env", "tenant", "delegated_by", "expires_at", "token_id",
        ]  # fmt: skip
        claims = {
            "reason": "a\r\nX-Admin: yes 100% \u00e4",
            "scope": ["a b", "", "c"],
            "src": {"type": "ci:x", "workflow": "w"},
            "env": "prod",
            "delegated_by": "user://ann",
            "jti": "\ud800",
        }
        with service(new_verifier(), headers=wanted) as port:
            got = ask(port, auth(**claims))
        headers = dict(map(tuple, got.body["headers"]))
        assert headers.pop("x-oathmesh-expires-at").isdigit()
        assert headers == {
            "x-oathmesh-decision": "allow",
            "x-oathmesh-reason": "a%0D%0AX-Admin:%20yes%20100%25%20%C3%A4",
            "x-oathmesh-scope": "a%20b c",
            "x-oathmesh-source": "ci%3Ax::w",
            "x-oathmesh-env": "prod",
            "x-oathmesh-delegated-by": "user://ann",
            "x-oathmesh-token-id": "%EF%BF%BD",
        }

    def test_is_told_to_whoever_listens(self, service: Callable[..., Any]) -> None:
        decisions: list[Decision] = []
        with service(new_verifier(), on_decision=decisions.append) as port:
            ask(port, auth(jti="one"))
            ask(port, auth(aud="x"))
        assert [decision.verified for decision in decisions] == [True, True]
        assert [d.denial and d.denial.reason for d in decisions] == [None, "audience_mismatch"]
        assert decisions[0].payload is not None
        assert decisions[0].payload.jti == "one"


class TestARefusal:
    def test_tells_what_to_mint(self, service: Callable[..., Any]) -> None:
        with service(new_verifier(), realm="shop") as port:
            got = ask(port)
        assert got.status == 401
        assert got.headers["www-authenticate"] == 'OathMesh realm="shop"'
        assert got.headers["content-type"] == "application/json"
        assert got.headers["cache-control"] == "no-store"
        request_id = got.body.pop("request_id")
        assert len(request_id) == 36
        assert got.body == {
            "error": "claim_missing:token",
            "message": "The request carries no OathMesh token.",
            "fix": 'Send exactly one header "Authorization: OathMesh <token>".',
            "issuer": ["https://issuer.example.test", "https://second.example.test"],
            "audience": "https://inventory.internal",
            "binding": "off",
        }

    def test_tells_less_where_that_is_wanted(self, service: Callable[..., Any]) -> None:
        with service(new_verifier(), challenge="minimal") as port:
            got = ask(port, auth(aud="x"))
        assert set(got.body) == {"error", "message", "fix", "step", "request_id"}
        assert got.body["step"] == 10

    def test_by_policy_is_403_without_a_challenge(self, service: Callable[..., Any]) -> None:
        rules = [{"name": "r", "match": {"sub": "svc://*"}, "allow": True}]
        with service(new_verifier(policy={"rules": rules})) as port:
            got = ask(port, auth())
        assert (got.status, got.body["error"]) == (403, "policy_denied")
        assert "www-authenticate" not in got.headers
        assert "audience" not in got.body

    def test_for_want_of_something_says_when_to_come_again(
        self, service: Callable[..., Any]
    ) -> None:
        verifier = verifier_with(MemoryReplayStore(0), deadline_ms=10_000)
        with service(verifier) as port:
            got = ask(port, auth())
        assert (got.status, got.headers["retry-after"]) == (503, "1")

    @pytest.mark.parametrize(
        "connection",
        [
            "X-OathMesh-Subject",
            "close, x_oathmesh_subject",
            "keep-alive,Authorization",
            'close, "X-OathMesh-Tenant"',
            "close;x-oathmesh-decision",
        ],
    )
    def test_meets_a_connection_that_names_our_headers(
        self, service: Callable[..., Any], connection: str
    ) -> None:
        with service(new_verifier()) as port:
            got = ask(port, auth(), f"Connection: {connection}")
        assert (got.status, got.body["error"]) == (400, "verification_failed")

    @pytest.mark.parametrize("header", ["authorization", "Authorization"])
    def test_meets_two_tokens(self, service: Callable[..., Any], header: str) -> None:
        with service(new_verifier()) as port:
            got = ask(port, auth(), f"{header}: OathMesh {fresh_token()}")
        assert got.body["error"] == "claim_missing:token"

    def test_repeats_nothing_that_the_client_sent(self, service: Callable[..., Any]) -> None:
        with service(new_verifier()) as port:
            for claims in ({"aud": "s3cret"}, {"sub": "s3cret"}, {"iss": "s3cret"}):
                assert "s3cret" not in json.dumps(ask(port, auth(**claims)).body)


class TestBinding:
    CONFIG: Options = {  # noqa: RUF012
        "request_binding": {"mode": "strict", "required": "unsafe", "max_body_bytes": 1000}
    }

    def bound(self, method: str, path: str, query: str, body: bytes) -> str:
        return auth(rqh=request_hash("strict", RequestLine(method, path, query), body))

    # wsgiref hands no chunked bodies over.
    @pytest.mark.parametrize(
        ("service", "chunked"),
        [(asgi_service, False), (asgi_service, True), (wsgi_service, False)],
    )
    def test_covers_what_the_application_gets(
        self, service: Callable[..., Any], chunked: bool
    ) -> None:
        with service(new_verifier(**self.CONFIG)) as port:
            line = self.bound("POST", "/v1/a%20b", "x=%23", b"body")
            for body, status in ((b"Body", 401), (b"body", 200)):
                got = ask(
                    port, line, target="/v1/a%20b?x=%23", method="POST", body=body, chunked=chunked
                )
                assert got.status == status
        assert got.body["body"] == "body"

    def test_meets_a_chunked_body_that_nobody_can_read(self) -> None:
        with wsgi_service(new_verifier(**self.CONFIG)) as port:
            token = self.bound("POST", "/", "", b"body")
            got = ask(port, token, method="POST", body=b"body", chunked=True)
        assert got.body["error"] == "binding_mismatch"

    def test_reads_no_more_than_it_may(self, service: Callable[..., Any]) -> None:
        body = b"x" * 1001
        with service(new_verifier(**self.CONFIG)) as port:
            token = self.bound("POST", "/", "", body)
            got = ask(port, token, method="POST", body=body)
        assert (got.status, got.body["error"]) == (413, "binding_mismatch")

    def test_is_not_needed_by_a_get_but_by_its_body(self, service: Callable[..., Any]) -> None:
        with service(new_verifier(**self.CONFIG)) as port:
            assert ask(port, auth()).status == 200
            assert ask(port, auth(), body=b"x").body["error"] == "binding_required"
            assert ask(port, auth(), method="POST").body["error"] == "binding_required"

    def test_falls_back_to_what_the_application_sees_where_the_raw_path_is_hidden(self) -> None:
        with wsgi_service(new_verifier(**self.CONFIG), raw=False) as port:
            token = self.bound("POST", "/v1/a%20b", "x=%23", b"")
            assert ask(port, token, target="/v1/a%20b?x=%23", method="POST").status == 200


class TestRoutes:
    CONFIG: Options = {  # noqa: RUF012
        "require": {
            "routes": [
                {"method": "GET", "path": "/orders/{id}", "action": "inventory.write"},
                {"method": "GET", "path": "/orders/export", "action": "inventory.admin"},
            ]
        }
    }

    @pytest.mark.parametrize("raw", [True, False])
    @pytest.mark.parametrize(
        ("target", "status"),
        [
            ("/orders/7", 200),
            ("/orders/7?x=/orders/export", 200),
            ("/orders/export", 403),
            ("/orders/%65xport", 403),
            ("/orders/Export", 403),
            ("/orders/export/", 403),
            ("/orders/export%23", 403),
            ("/orders/export%3F", 403),
            ("/orders/export;x", 403),
            ("/orders/x/../export", 403),
            ("/orders//export", 403),
            ("/orders/export%00", 403),
            ("/orders/export.json", 403),
            ("/orders%2F7", 403),
        ],
    )
    def test_are_judged_however_the_path_is_spelt(
        self, target: str, status: int, raw: bool
    ) -> None:
        services: list[Callable[..., Any]] = [lambda v: wsgi_service(v, raw=raw)]
        if raw:
            services.append(asgi_service)
        for make in services:
            with make(new_verifier(**self.CONFIG)) as port:
                expected = status
                if not raw and target == "/orders%2F7":
                    expected = 200  # the application itself sees /orders/7
                assert ask(port, auth(), target=target).status == expected


def test_an_asgi_server_that_hides_the_raw_path_gets_a_refusal() -> None:
    import asyncio

    answers: list[Any] = []

    async def send(message: Any) -> None:
        answers.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    verifier = new_verifier(**TestRoutes.CONFIG)
    authorization = f"OathMesh {fresh_token()}".encode()
    scope = {
        "type": "http", "method": "GET", "path": "/orders/7", "query_string": b"",
        "headers": [(b"authorization", authorization)],
    }  # fmt: skip
    asyncio.run(AsgiMiddleware(asgi_app, verifier)(scope, receive, send))
    assert answers[0]["status"] == 403


@pytest.mark.parametrize("extension", [True, False])
def test_a_websocket_handshake_is_refused_like_a_request(extension: bool) -> None:
    import asyncio

    answers: list[Any] = []

    async def send(message: Any) -> None:
        answers.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    scope: dict[str, Any] = {
        "type": "websocket", "path": "/", "raw_path": b"/", "query_string": b"", "headers": [],
        "extensions": {"websocket.http.response": {}} if extension else {},
    }  # fmt: skip
    asyncio.run(AsgiMiddleware(asgi_app, new_verifier())(scope, receive, send))
    if extension:
        assert [answer["type"] for answer in answers] == [
            "websocket.http.response.start",
            "websocket.http.response.body",
        ]
        assert answers[0]["status"] == 401
    else:
        assert answers == [{"type": "websocket.close", "code": 1008}]


def test_an_event_loop_is_not_held_up_by_an_issuer_that_is_slow() -> None:
    import asyncio
    import time

    import kit

    from oathmesh import Call, open_verifier

    server = kit.RawServer(kit.silent)
    verifier = open_verifier(
        {
            "audience": "https://inventory.internal",
            "issuers": [{"issuer": "https://issuer.example.test", "jwks_uri": server.origin}],
            "keys": {"allow_http": True},
            "policy": {"allow_all": True},
            "deadline_ms": 300,
        }
    )

    async def main() -> tuple[list[Decision], int]:
        ticks = 0
        call = Call((f"OathMesh {fresh_token()}",))
        tasks = [asyncio.create_task(verifier.verify_async(call)) for _ in range(200)]
        ends_at = time.monotonic() + 30
        while not all(task.done() for task in tasks) and time.monotonic() < ends_at:
            await asyncio.sleep(0.001)
            ticks += 1
        return [task.result() for task in tasks], ticks

    decisions, ticks = asyncio.run(main())
    assert {d.denial.reason for d in decisions if d.denial} == {"deadline_exceeded"}
    assert ticks > 10
    server.stop()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"realm": 'a"b'}, "realm"),
        ({"realm": "a\r\nb"}, "realm"),
        ({"realm": ""}, "realm"),
        ({"challenge": "some"}, "challenge"),
        ({"headers": ["subject", "password"]}, r"identity_headers\[1\]"),
    ],
)
def test_an_option_at_fault_is_named(options: Options, name: str) -> None:
    makers: list[Callable[..., object]] = [AsgiMiddleware, WsgiMiddleware]
    for make in makers:
        with pytest.raises(TypeError, match=f"^{name}: "):
            make(asgi_app, new_verifier(), **options)
