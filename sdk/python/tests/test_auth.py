"""httpx and requests against a real gateway on loopback: the SDK's own verifier behind WSGI."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import kit
import pytest
import requests
from kit import HttpServer, RawServer, Reply, Seen
from vectors import KEYS

from oathmesh import Client, MintError, create_client
from oathmesh.client.retries import Answer, Patience, Retries
from oathmesh.httpx_auth import OathMeshAuth as HttpxAuth
from oathmesh.httpx_transport import AsyncOathMeshTransport, OathMeshTransport
from oathmesh.requests_adapter import OathMeshAdapter
from oathmesh.requests_auth import OathMeshAuth as RequestsAuth


def client_of(**options: object) -> Client:
    arguments: dict[str, object] = {
        "issuer": "https://issuer.example.test",
        "key": KEYS["trusted"],
        "subject": "svc://shop/orders",
        "audience": "https://inventory.internal",
        "action": "inventory.write",
        **options,
    }
    return create_client(**arguments)  # type: ignore[arg-type]


class Got:
    """An answer, whichever library brought it."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body


Send = Callable[..., Got]


def by_httpx(client: Client, method: str, url: str, body: Any = None, **options: Any) -> Got:
    with httpx.Client(auth=HttpxAuth(client), timeout=5) as session:
        answer = session.request(method, url, content=body, **options)
    return Got(answer.status_code, answer.content)


def by_async_httpx(client: Client, method: str, url: str, body: Any = None, **options: Any) -> Got:
    async def send() -> Got:
        async with httpx.AsyncClient(auth=HttpxAuth(client), timeout=5) as session:
            answer = await session.request(method, url, content=body, **options)
        return Got(answer.status_code, answer.content)

    return asyncio.run(send())


def by_requests(client: Client, method: str, url: str, body: Any = None, **options: Any) -> Got:
    with requests.Session() as session:
        session.auth = RequestsAuth(client)
        answer = session.request(method, url, data=body, timeout=5, **options)
        return Got(answer.status_code, answer.content)


def by_transport(client: Client, method: str, url: str, body: Any = None, **options: Any) -> Got:
    follow = options.pop("follow_redirects", False)
    with httpx.Client(
        transport=OathMeshTransport(client), timeout=5, follow_redirects=follow
    ) as session:
        answer = session.request(method, url, content=body, **options)
    return Got(answer.status_code, answer.content)


def by_async_transport(
    client: Client, method: str, url: str, body: Any = None, **options: Any
) -> Got:
    follow = options.pop("follow_redirects", False)

    async def send() -> Got:
        transport = AsyncOathMeshTransport(client)
        async with httpx.AsyncClient(
            transport=transport, timeout=5, follow_redirects=follow
        ) as session:
            answer = await session.request(method, url, content=body, **options)
        return Got(answer.status_code, answer.content)

    return asyncio.run(send())


def by_adapter(client: Client, method: str, url: str, body: Any = None, **options: Any) -> Got:
    follow = options.pop("follow_redirects", False)
    with requests.Session() as session:
        adapter = OathMeshAdapter(client, url)
        # The widest there is: it keeps its tokens for the origin all the same.
        session.mount("http://", adapter)
        answer = session.request(
            method, url, data=body, timeout=5, allow_redirects=follow, **options
        )
        return Got(answer.status_code, answer.content)


#: Those that hear of what the hooks of the libraries do not: broken connections, redirects.
WHOLE = {
    "httpx transport": by_transport,
    "async httpx transport": by_async_transport,
    "requests adapter": by_adapter,
}
LIBRARIES = {
    "httpx": by_httpx,
    "async httpx": by_async_httpx,
    "requests": by_requests,
    **WHOLE,
}


@pytest.fixture(params=[*LIBRARIES.values()], ids=[*LIBRARIES])
def send(request: pytest.FixtureRequest) -> Send:
    library: Send = request.param
    return library


@pytest.fixture(params=[*WHOLE.values()], ids=[*WHOLE])
def whole(request: pytest.FixtureRequest) -> Send:
    library: Send = request.param
    return library


def refusal(status: int, error: str, step: int = 13, **headers: str) -> Reply:
    body = {"error": error, "message": "m", "fix": "f", "step": step, "request_id": "r"}
    return Reply.json(body, status, **headers)


HELD_BACK = refusal(503, "verification_failed", Retry_After="0")
REPLAYED = refusal(401, "replay_detected")
TOO_OLD = refusal(401, "verification_failed")
UPSTREAM_503 = Reply.json({"error": "busy"}, 503, Retry_After="0")
OK = Reply(200, b"fine")


class TestACall:
    def test_carries_a_new_token_each_time(self, http_server: HttpServer, send: Send) -> None:
        client = client_of()
        for _ in range(3):
            send(client, "GET", f"{http_server.origin}/x")
        tokens = [seen.token for seen in http_server.seen]
        assert len(set(tokens)) == 3
        assert all(token.startswith("OathMesh ") for token in tokens)

    # The table of docs/protocol.md: answers, and how often the request is sent in all.
    @pytest.mark.parametrize(
        ("method", "answers", "times"),
        [
            ("GET", [OK], 1),
            ("GET", [HELD_BACK, OK], 2),
            ("POST", [HELD_BACK, OK], 2),
            ("GET", [HELD_BACK, HELD_BACK, OK], 3),
            ("GET", [HELD_BACK, HELD_BACK, HELD_BACK, OK], 3),
            ("GET", [UPSTREAM_503, OK], 2),
            ("POST", [UPSTREAM_503, OK], 1),
            ("GET", [refusal(503, "verification_failed"), OK], 1),
            ("GET", [refusal(503, "verification_failed", Retry_After="11"), OK], 1),
            ("GET", [REPLAYED, OK], 2),
            ("PUT", [REPLAYED, OK], 2),
            ("POST", [REPLAYED, OK], 1),
            ("GET", [REPLAYED, REPLAYED, OK], 2),
            ("POST", [TOO_OLD, OK], 2),
            ("GET", [TOO_OLD, REPLAYED, OK], 2),
            ("GET", [HELD_BACK, HELD_BACK, REPLAYED, HELD_BACK, OK], 5),
            ("GET", [refusal(401, "verification_failed", 5), OK], 1),
            ("GET", [refusal(401, "token_expired", 8), OK], 1),
            ("GET", [refusal(403, "policy_denied", 14), OK], 1),
            ("GET", [Reply.json({"error": "replay_detected"}, 401), OK], 1),
            ("GET", [Reply(401, REPLAYED.body, {"Content-Type": "text/html"}), OK], 1),
            ("GET", [Reply(500), OK], 1),
            ("GET", [Reply(429, b"", {"Retry-After": "0"}), OK], 1),
        ],
    )
    def test_is_sent_again_as_the_table_says(
        self,
        http_server: HttpServer,
        send: Send,
        method: str,
        answers: list[Reply],
        times: int,
    ) -> None:
        left = [*answers]
        http_server.answer = lambda _seen: left.pop(0)
        got = send(client_of(), method, f"{http_server.origin}/x", b"{}")
        assert len(http_server.seen) == times
        assert (got.status, got.body) == (answers[times - 1].status, answers[times - 1].body)
        # Never the same token, and always the same body.
        assert len({seen.token for seen in http_server.seen}) == times
        assert {seen.body for seen in http_server.seen} == {b"{}"}

    def test_that_streams_is_sent_once(self, http_server: HttpServer, send: Send) -> None:
        http_server.answer = lambda _seen: HELD_BACK

        def pieces() -> Iterator[bytes]:
            yield b"a"

        async def async_pieces() -> Any:
            yield b"a"

        body = async_pieces() if send in (by_async_httpx, by_async_transport) else pieces()
        # The server reads no chunked bodies; one connection is what counts.
        assert send(client_of(), "PUT", f"{http_server.origin}/x", body).status == 503
        assert len(http_server.seen) == 1

    def test_throws_away_tokens_as_old_as_the_refused_one(
        self, http_server: HttpServer, send: Send
    ) -> None:
        client = client_of(prefetch=4)
        client.authorization()
        pool = vars(client)["_pool"]
        kit.until(lambda: len(vars(pool)["_ready"]) == 4)
        held = {minted.token for minted in vars(pool)["_ready"]}
        answers = [TOO_OLD, OK]
        http_server.answer = lambda _seen: answers.pop(0)
        assert send(client, "GET", f"{http_server.origin}/x").status == 200
        assert http_server.seen[0].token.split(" ")[1] in held
        assert http_server.seen[1].token.split(" ")[1] not in held

    def test_is_not_sent_without_a_token(self, http_server: HttpServer, send: Send) -> None:
        client = create_client(
            issuer=f"http://127.0.0.1:{kit.free_port()}",
            credential="s3cret",
            audience="a",
            action="b",
        )
        with pytest.raises(MintError) as caught:
            send(client, "GET", http_server.origin)
        assert "s3cret" not in repr(caught.value)
        assert http_server.seen == []

    def test_is_bound_to_what_is_sent(self, http_server: HttpServer, send: Send) -> None:
        from oathmesh import Call, MemoryReplayStore, RequestLine

        verifier = kit.verifier_with(
            MemoryReplayStore(), request_binding={"mode": "strict", "required": "all"}
        )

        def check(seen: Seen) -> Reply:
            path, _, query = seen.target.partition("?")
            line = RequestLine(seen.method, path, query)
            decision = verifier.verify(Call((seen.token,), (), line, lambda _most: seen.body))
            return Reply(200 if decision.caller else 400)

        http_server.answer = check
        client = client_of(binding="strict")
        for method, target, body in [
            ("POST", "/v1/items?dry=1&q=a%20b", b"{}"),
            ("PUT", "/v1/%C3%A4;x=1/", "ä".encode()),
            ("GET", "/", None),
            ("GET", "//two/slashes", None),
            ("DELETE", "/x?", None),
        ]:
            got = send(client, method, f"{http_server.origin}{target}", body)
            assert got.status == 200, target

    def test_does_not_take_its_token_along_a_redirect(
        self, http_server: HttpServer, send: Send
    ) -> None:
        other = HttpServer()
        http_server.answer = lambda _seen: Reply(302, b"", {"Location": f"{other.origin}/y"})
        if send is by_requests:
            assert send(client_of(), "GET", f"{http_server.origin}/x").status == 200
            assert "Authorization" not in other.seen[0].headers
        else:
            assert send(client_of(), "GET", f"{http_server.origin}/x").status == 302
            assert other.seen == []
        other.stop()


class TestALostAnswer:
    # Connections that break, and how often the request is sent in all.
    @pytest.mark.parametrize(
        ("method", "broken", "times", "status"),
        [
            ("GET", 1, 2, 200),
            ("PUT", 1, 2, 200),
            ("POST", 1, 1, 0),
            ("DELETE", 2, 2, 0),
        ],
    )
    def test_is_asked_for_once_more_with_a_fresh_token(
        self, whole: Send, method: str, broken: int, times: int, status: int
    ) -> None:
        tokens: list[str] = []

        def answer(sock: Any) -> None:
            head = kit.read_request(sock).decode("latin1").lower()
            tokens.append(head.partition("authorization: oathmesh ")[2].partition("\r\n")[0])
            if len(tokens) > broken:
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

        server = RawServer(answer)
        body = b"{}" if method in ("PUT", "POST") else None
        if status == 0:
            with pytest.raises((httpx.TransportError, requests.ConnectionError)) as caught:
                whole(client_of(), method, server.origin, body)
            assert tokens[0] not in repr(caught.value).lower()
        else:
            assert whole(client_of(), method, server.origin, body).status == status
        assert len(tokens) == len(set(tokens)) == times
        assert all(tokens)
        server.stop()

    def test_of_a_body_that_streams_is_not_asked_for_again(self, whole: Send) -> None:
        def pieces() -> Iterator[bytes]:
            yield b"a"

        async def async_pieces() -> Any:
            yield b"a"

        server = RawServer(hang_up)
        body = async_pieces() if whole is by_async_transport else pieces()
        with pytest.raises((httpx.TransportError, requests.ConnectionError)):
            whole(client_of(), "PUT", server.origin, body)
        assert server.connections == 1
        server.stop()


class TestARedirectThatIsFollowed:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_within_the_origin_gets_a_fresh_token(
        self, http_server: HttpServer, whole: Send, status: int
    ) -> None:
        answers = [Reply(status, b"", {"Location": "/y"}), OK]
        http_server.answer = lambda _seen: answers.pop(0)
        client = client_of(binding="strict")
        got = whole(client, "PUT", f"{http_server.origin}/x", b"{}", follow_redirects=True)
        assert got.status == 200
        assert [seen.target for seen in http_server.seen] == ["/x", "/y"]
        tokens = [seen.token for seen in http_server.seen]
        assert all(token.startswith("OathMesh ") for token in tokens)
        assert len(set(tokens)) == 2

    def test_to_another_origin_gets_none(self, http_server: HttpServer, whole: Send) -> None:
        other = HttpServer()
        other.answer = lambda _seen: OK
        there = f"{other.origin}/y"
        http_server.answer = lambda _seen: Reply(302, b"", {"Location": there})
        url = f"{http_server.origin}/x"
        assert whole(client_of(), "GET", url, follow_redirects=True).status == 200
        assert http_server.seen[0].token.startswith("OathMesh ")
        assert "Authorization" not in other.seen[0].headers
        other.stop()


@pytest.mark.parametrize(
    ("origin", "options", "names"),
    [
        ("api.example.com", {}, "origin: "),
        ("https://", {}, "origin: "),
        ("http://a:99999", {}, "origin: "),
        ("https://api.example.com", {"max_retries": 3}, "max_retries: "),
    ],
)
def test_an_adapter_says_what_is_wrong_with_an_argument(
    origin: str, options: dict[str, Any], names: str
) -> None:
    with pytest.raises(TypeError, match=names):
        OathMeshAdapter(client_of(), origin, **options)


def hang_up(sock: Any) -> None:
    kit.read_request(sock)


def huge_refusal(sock: Any) -> None:
    """A refusal without end."""
    kit.read_request(sock)
    sock.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\r\n{")
    for _ in range(160):
        sock.sendall(b" " * 65536)


def endless_503(sock: Any) -> None:
    """Asks to be asked again, in a body without end."""
    kit.read_request(sock)
    sock.sendall(b"HTTP/1.1 503 Busy\r\nContent-Type: application/json\r\nRetry-After: 0\r\n\r\n")
    while True:
        sock.sendall(b" " * 65536)


class TestAHostileGateway:
    def test_may_answer_at_length_and_is_answered_with_all_of_it(self, send: Send) -> None:
        server = RawServer(huge_refusal)
        got = send(client_of(), "GET", server.origin)
        # Ten megabytes, handed on as they are, and not taken for a refusal.
        assert (got.status, len(got.body)) == (401, 160 * 65536 + 1)
        assert server.connections == 1
        server.stop()

    def test_cannot_make_a_repetition_read_without_end(self, send: Send) -> None:
        connections = 0

        def answer(sock: Any) -> None:
            nonlocal connections
            connections += 1
            if connections < 3:
                endless_503(sock)
            kit.read_request(sock)
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

        server = RawServer(answer)
        tracemalloc.start()
        got = send(client_of(), "GET", server.origin)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (got.status, got.body) == (200, b"ok")
        assert peak < 32 * 2**20
        server.stop()

    def test_that_compresses_is_not_unpacked_to_be_looked_at(
        self, http_server: HttpServer, send: Send
    ) -> None:
        import gzip

        body = gzip.compress(json.dumps({"error": "replay_detected", "fix": "x"}).encode())
        http_server.answer = lambda _seen: Reply(
            401, body, {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        )
        assert json.loads(send(client_of(), "GET", http_server.origin).body)["fix"] == "x"
        assert len(http_server.seen) == 1

    def test_cannot_make_a_client_wait_for_ever(self) -> None:
        retries = Retries(Patience(retries=10, longest_wait=1.0), "GET", repeatable=True)
        for text in ("2", "999999", "9999999", "-1", "1e9", "Wed, 21 Oct 2099 07:28:00 GMT", "²"):
            assert retries.after(Answer(503, {"retry-after": text})) is None


def test_a_stream_that_was_looked_at_is_still_a_stream(http_server: HttpServer) -> None:
    http_server.answer = lambda _seen: refusal(401, "token_expired", 8)
    with httpx.Client(auth=HttpxAuth(client_of())) as session:
        with session.stream("GET", http_server.origin) as answer:
            whole = b"".join(answer.iter_bytes())
        assert json.loads(whole)["error"] == "token_expired"
    with requests.get(
        http_server.origin, auth=RequestsAuth(client_of()), stream=True, timeout=5
    ) as streamed:
        assert json.loads(b"".join(streamed.iter_content(7)))["error"] == "token_expired"


def test_binding_with_requests_needs_a_body_in_memory(http_server: HttpServer) -> None:
    auth = RequestsAuth(client_of(binding="strict"))
    with pytest.raises(TypeError, match="^body: "):
        requests.post(http_server.origin, data=iter([b"a"]), auth=auth, timeout=5)


def test_binding_with_httpx_reads_a_body_that_streams(http_server: HttpServer) -> None:
    http_server.answer = lambda _seen: REPLAYED
    auth = HttpxAuth(client_of(binding="strict"))
    answer = httpx.put(http_server.origin, content=iter([b"a"]), auth=auth)
    assert answer.status_code == 401
    assert len(http_server.seen) == 2


@pytest.mark.parametrize("error", ["replay_detected", "verification_failed"])
def test_a_refusal_without_a_fix_is_an_applications_own(error: str) -> None:
    retries = Retries(Patience(), "GET", repeatable=True)
    body = json.dumps({"error": error, "step": 13}).encode()
    answer = Answer(401, {"content-type": "application/json"}, body)
    assert retries.after(answer) is None


def test_what_can_be_sent_once_is_sent_once() -> None:
    retries = Retries(Patience(), "GET", repeatable=False)
    for reply in (HELD_BACK, REPLAYED, TOO_OLD):
        headers = {name.lower(): value for name, value in reply.headers.items()}
        assert retries.after(Answer(reply.status, headers, reply.body)) is None
    assert retries.tokens_too_old
