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


LIBRARIES = {"httpx": by_httpx, "async httpx": by_async_httpx, "requests": by_requests}


@pytest.fixture(params=[*LIBRARIES.values()], ids=[*LIBRARIES])
def send(request: pytest.FixtureRequest) -> Send:
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

        body = async_pieces() if send is by_async_httpx else pieces()
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
