from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable

import kit
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from kit import HttpServer, RawServer, Reply, Seen, present, verifier_with
from vectors import KEYS

from oathmesh import (
    Client,
    MemoryReplayStore,
    MintError,
    RefusedError,
    Source,
    create_client,
    github_actions,
    read_signing_key,
    request_hash,
)
from oathmesh.call import RequestLine

SECRET = "s3cret-credential-that-must-not-leak"
TOKEN = "aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl"


def issuer_client(issuer: str, **options: object) -> Client:
    arguments: dict[str, object] = {
        "issuer": issuer,
        "credential": SECRET,
        "audience": "https://inventory.internal",
        "action": "inventory.write",
        "timeout": 0.5,
        **options,
    }
    return create_client(**arguments)  # type: ignore[arg-type]


def local_client(**options: object) -> Client:
    arguments: dict[str, object] = {
        "issuer": "https://issuer.example.test",
        "key": KEYS["trusted"],
        "subject": "svc://shop/orders",
        "audience": "https://inventory.internal",
        "action": "inventory.write",
        **options,
    }
    return create_client(**arguments)  # type: ignore[arg-type]


class CountingIssuer:
    """Gives another token each time."""

    def __init__(self, server: HttpServer) -> None:
        self.count = 0
        self._lock = threading.Lock()
        server.answer = self

    def __call__(self, _seen: Seen) -> Reply:
        with self._lock:
            self.count += 1
            count = self.count
        token = f"{TOKEN}{count}"
        return Reply.json({"token": token, "expires_in": 120, "token_type": "OathMesh"})


class TestAnIssuer:
    def test_is_asked_for_every_token(self, http_server: HttpServer) -> None:
        CountingIssuer(http_server)
        client = issuer_client(f"{http_server.origin}/tenant/")
        tokens = [client.authorization() for _ in range(3)]
        assert tokens == [f"OathMesh {TOKEN}{count}" for count in (1, 2, 3)]
        assert [seen.target for seen in http_server.seen] == ["/tenant/v1/token"] * 3
        assert http_server.seen[0].headers["Authorization"] == f"Bearer {SECRET}"

    def test_is_told_what_the_token_is_to_say(self, http_server: HttpServer) -> None:
        CountingIssuer(http_server)
        client = issuer_client(
            http_server.origin,
            subject="svc://shop/orders",
            scope=["a", "b"],
            reason="why",
            env="prod",
            tenant="acme",
            source=Source(type="cron", repo="acme/shop"),
            ttl=60,
            binding="body",
        )
        client.authorization("POST", "https://api.example/x", b"{}")
        assert json.loads(http_server.seen[0].body) == {
            "sub": "svc://shop/orders",
            "aud": "https://inventory.internal",
            "act": "inventory.write",
            "ttl_hint": 60,
            "scope": ["a", "b"],
            "reason": "why",
            "env": "prod",
            "tenant": "acme",
            "src": {"type": "cron", "repo": "acme/shop"},
            "rqh": request_hash("body", None, b"{}"),
        }

    def test_is_asked_again_after_the_time_it_names(self, http_server: HttpServer) -> None:
        answers = [Reply.json({}, 503, Retry_After="0"), Reply.json({"token": TOKEN})]
        http_server.answer = lambda _seen: answers.pop(0)
        assert issuer_client(http_server.origin).authorization() == f"OathMesh {TOKEN}"

    @pytest.mark.parametrize("retry_after", ["11", "-1", "1.5", "soon", "99999999"])
    def test_is_not_waited_for_longer_than_wanted(
        self, http_server: HttpServer, retry_after: str
    ) -> None:
        http_server.answer = lambda _seen: Reply.json({}, 503, Retry_After=retry_after)
        with pytest.raises(MintError) as caught:
            issuer_client(http_server.origin).authorization()
        assert (caught.value.kind, caught.value.status) == ("unavailable", 503)
        assert len(http_server.seen) == 1

    def test_is_asked_at_most_so_often(self, http_server: HttpServer) -> None:
        http_server.answer = lambda _seen: Reply.json({}, 429, Retry_After="0")
        with pytest.raises(MintError):
            issuer_client(http_server.origin, retries=4).authorization()
        assert len(http_server.seen) == 5

    def test_refuses_in_its_own_words(self, http_server: HttpServer) -> None:
        http_server.answer = lambda _seen: Reply.json(
            {"error": "mint_denied", "message": "Not yours.", "fix": "Ask.", "step": 4}, 403
        )
        with pytest.raises(MintError) as caught:
            issuer_client(http_server.origin).authorization()
        error = caught.value
        assert (error.kind, error.code, error.step, error.fix, error.status) == (
            "refused",
            "mint_denied",
            4,
            "Ask.",
            403,
        )
        assert str(error) == "the issuer gave no token: 403 mint_denied: Not yours. Ask."


HOSTILE: list[tuple[str, Callable[..., None]]] = [
    ("a body without end", kit.endless),
    ("a body that drips", kit.dripping),
    ("a head that drips", kit.dripping_head),
    ("a header line without end", kit.long_line),
    ("100 Continue for ever", kit.continuing),
    ("silence", kit.silent),
    ("garbage", kit.garbage),
    ("a closed connection", kit.closing),
]
ODD_REPLIES = [
    ("HTML", Reply(200, b"<html>", {"Content-Type": "text/html"})),
    ("no JSON", Reply(200, b"{", {"Content-Type": "application/json"})),
    ("a list", Reply.json([TOKEN])),
    ("no token", Reply.json({})),
    ("a number for a token", Reply.json({"token": 7})),
    ("an empty token", Reply.json({"token": ""})),
    ("a token that ends the header", Reply.json({"token": f"{TOKEN}\r\nX-Admin: yes"})),
    ("two members of one name", Reply(
        200, b'{"token":"a.b.c","token":"d.e.f"}', {"Content-Type": "application/json"})),
    ("nested too deep to be read by recursion", Reply(
        200, b"[" * 60_000, {"Content-Type": "application/json"})),
    ("a compressed body", Reply(200, b"\x1f\x8b", {
        "Content-Type": "application/json", "Content-Encoding": "gzip"})),
    ("a length that is a lie", Reply(200, b"{}", {
        "Content-Type": "application/json", "Content-Length": "999999999999"})),
    ("a redirect", Reply(302, b"", {"Location": "http://127.0.0.1:9/steal"})),
    ("the credential in its message", Reply.json(
        {"error": SECRET, "message": f"bad {SECRET}", "fix": SECRET}, 403)),
    ("control characters in its message", Reply.json({"message": "a\r\nb\x1b[31m\u202e"}, 403)),
    ("500", Reply.json({"error": "oops"}, 500)),
]  # fmt: skip


class TestAHostileIssuer:
    @pytest.mark.parametrize("answer", [row[1] for row in HOSTILE], ids=[r[0] for r in HOSTILE])
    def test_is_an_error_in_words_that_comes(self, answer: Callable[..., None]) -> None:
        server = RawServer(answer)
        # Some of these peers go on for ever: that this ends at all is the point.
        with pytest.raises(MintError, match="the issuer gave no token: ") as caught:
            issuer_client(server.origin).authorization()
        assert caught.value.kind == "unavailable"
        assert_no_secret(caught.value)
        server.stop()

    @pytest.mark.parametrize(
        "reply", [row[1] for row in ODD_REPLIES], ids=[r[0] for r in ODD_REPLIES]
    )
    def test_is_an_error_in_words(self, http_server: HttpServer, reply: Reply) -> None:
        http_server.answer = lambda _seen: reply
        with pytest.raises(MintError, match="the issuer gave no token: ") as caught:
            issuer_client(http_server.origin).authorization()
        assert str(caught.value).isprintable()
        assert_no_secret(caught.value)
        assert len(http_server.seen) == 1

    def test_that_is_not_there_is_an_error_in_words(self) -> None:
        with pytest.raises(MintError, match="Connection refused") as caught:
            issuer_client(f"http://127.0.0.1:{kit.free_port()}").authorization()
        assert_no_secret(caught.value)


def assert_no_secret(error: BaseException) -> None:
    """Neither in the text, nor in what hangs on it, nor in what a crash report prints."""
    printed = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    shown = [str(error), repr(error), repr(vars(error)), printed]
    for text in shown:
        assert SECRET not in text
        assert TOKEN not in text


class TestCredentials:
    @pytest.mark.parametrize("credential", [f"{SECRET}\n", f"{SECRET} ", f"\u00e9{SECRET}", ""])
    def test_that_no_header_can_hold_are_refused_unquoted(self, credential: str) -> None:
        with pytest.raises(TypeError, match="^credential: ") as caught:
            issuer_client("https://issuer.example", credential=credential)
        assert_no_secret(caught.value)

    @pytest.mark.parametrize("credential", [f"{SECRET}\n", None, 7, f"{SECRET}\0"])
    def test_from_a_function_are_checked_too(
        self, http_server: HttpServer, credential: object
    ) -> None:
        client = issuer_client(http_server.origin, credential=lambda: credential)
        with pytest.raises(TypeError, match="^credential: ") as caught:
            client.authorization()
        assert_no_secret(caught.value)
        assert http_server.seen == []

    def test_are_in_no_repr(self, http_server: HttpServer) -> None:
        client = issuer_client(http_server.origin)
        for thing in (client, vars(client), vars(client)["_source"]):
            assert SECRET not in repr(thing)

    @pytest.mark.parametrize(
        "issuer",
        [
            "http://issuer.example",
            "ftp://issuer.example",
            "https://user:pw@issuer.example",
            "https://issuer.example?x=1",
            "https://issuer.example#x",
            "https://",
            "issuer.example",
            "https://issuer.example:99999",
            "http://127.0.0.1.evil.example",
            "https://issuer.example\\@evil.example",
            "https://issuer\n.example",
        ],
    )
    def test_go_to_https_or_loopback_only(self, issuer: str) -> None:
        with pytest.raises(TypeError, match="^issuer: "):
            issuer_client(issuer)


class TestAKey:
    def test_mints_tokens_that_verify_once(self) -> None:
        verifier = verifier_with(MemoryReplayStore())
        client = local_client()
        token = client.authorization().split(" ")[1]
        assert present(verifier, token) == "allow"
        assert present(verifier, token) == "jti_replay"
        assert present(verifier, client.authorization().split(" ")[1]) == "allow"

    def test_is_read_from_pem_and_named_by_its_thumbprint(self) -> None:
        pem = KEYS["trusted"].private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        # RFC 8037, A.3.
        assert read_signing_key(pem).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        assert read_signing_key(pem.decode(), "mine").kid == "mine"

    @pytest.mark.parametrize(
        "pem",
        [
            f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
            SECRET,
            "",
            b"\xff\xfe",
        ],
    )
    def test_that_is_none_is_refused_unquoted(self, pem: object) -> None:
        with pytest.raises(TypeError, match="^key: not a private key in PEM$") as caught:
            local_client(key=pem)
        assert_no_secret(caught.value)

    def test_of_another_kind_is_refused(self) -> None:
        pem = generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with pytest.raises(TypeError, match="^key: not an Ed25519 key$"):
            local_client(key=pem)

    def test_is_in_no_repr(self) -> None:
        key = read_signing_key(
            Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        assert repr(key) == f"SigningKey(kid='{key.kid}')"


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"audience": ""}, "audience"),
        ({"action": ""}, "action"),
        ({"issuer": ""}, "issuer"),
        ({"subject": None}, "subject"),
        ({"subject": "orders"}, "subject"),
        ({"subject": "svc://a b"}, "subject"),
        ({"subject": "svc://a\n"}, "subject"),
        ({"binding": "all"}, "binding"),
        ({"prefetch": 33}, "prefetch"),
        ({"prefetch": 1, "binding": "strict"}, "prefetch"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": 301}, "ttl"),
        ({"ttl": True}, "ttl"),
        ({"ttl": 60.0}, "ttl"),
        ({"retries": 11}, "retries"),
        ({"longest_wait": -1}, "longest_wait"),
        ({"longest_wait": float("nan")}, "longest_wait"),
        ({"timeout": 0}, "timeout"),
        ({"credential": "x"}, "give either key or credential"),
        ({"key": None}, "give either key or credential"),
    ],
)
def test_an_argument_at_fault_is_named(options: dict[str, object], name: str) -> None:
    with pytest.raises(TypeError, match=f"^{name}"):
        local_client(**options)


class TestPrefetched:
    def test_tokens_are_given_once_each_to_many_threads(self, http_server: HttpServer) -> None:
        CountingIssuer(http_server)
        client = issuer_client(http_server.origin, prefetch=8, timeout=10.0)
        given: list[str] = []

        def take() -> None:
            for _ in range(20):
                given.append(client.authorization())

        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(given) == len(set(given)) == 160

    def test_tokens_are_ready_without_asking(self, http_server: HttpServer) -> None:
        issuer = CountingIssuer(http_server)
        client = issuer_client(http_server.origin, prefetch=3)
        client.authorization()
        kit.until(lambda: issuer.count == 4)
        kit.until(lambda: len(vars(vars(client)["_pool"])["_ready"]) == 3)
        http_server.stop()
        assert len({client.authorization() for _ in range(3)}) == 3
        with pytest.raises(MintError):
            client.authorization()

    def test_tokens_that_are_about_to_expire_are_not_given(self) -> None:
        from oathmesh.client.token_pool import TokenPool
        from oathmesh.client.token_source import MintedToken, TokenRequest

        now = 1000.0
        minted: list[int] = []

        class Source:
            def mint(self, request: TokenRequest) -> MintedToken:
                minted.append(1)
                return MintedToken(f"token-{len(minted)}", now + request.ttl)

        request = TokenRequest("a", "b", ttl=60)
        pool = TokenPool(Source(), request, 1, clock=lambda: now)
        pool.take()
        kit.until(lambda: len(minted) == 2 and len(vars(pool)["_ready"]) == 1)
        held = vars(pool)["_ready"][0].token
        now += 51
        assert pool.take() != held


class TestBinding:
    def test_covers_the_request(self) -> None:
        config = {"request_binding": {"mode": "strict", "required": "all"}}
        verifier = verifier_with(MemoryReplayStore(), **config)
        client = local_client(binding="strict")
        from oathmesh import Call

        def outcome(line: RequestLine, body: bytes) -> str:
            authorization = client.authorization("POST", "https://api.example/v1/a%20b?x=1", b"{}")
            call = Call((authorization,), line=line, body=lambda _most: body)
            denial = verifier.verify(call).denial
            return "allow" if denial is None else denial.code

        bound = RequestLine("POST", "/v1/a%20b", "x=1")
        assert outcome(bound, b"{}") == "allow"
        for line, body in [
            (bound, b"{ }"),
            (bound._replace(method="PUT"), b"{}"),
            (bound._replace(raw_path="/v1/a b"), b"{}"),
            (bound._replace(raw_query="x=2"), b"{}"),
            (bound._replace(raw_query=""), b"{}"),
        ]:
            assert outcome(line, body) == "binding_mismatch"

    def test_needs_the_request(self) -> None:
        with pytest.raises(TypeError, match="binding needs the request"):
            local_client(binding="strict").authorization()


class TestGithubActions:
    @pytest.fixture
    def env(self, http_server: HttpServer) -> dict[str, str]:
        http_server.answer = lambda _seen: Reply.json({"value": "identity.of.job"})
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{http_server.origin}/idtoken?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SECRET,
        }

    def test_fetches_an_identity_for_the_issuer(
        self, http_server: HttpServer, env: dict[str, str]
    ) -> None:
        credential = github_actions("https://issuer.example/a b", env)
        assert credential() == "identity.of.job"
        assert http_server.seen[0].target == (
            "/idtoken?api-version=2.0&audience=https%3A%2F%2Fissuer.example%2Fa%20b"
        )
        assert http_server.seen[0].token == f"Bearer {SECRET}"

    @pytest.mark.parametrize(
        "change",
        [
            {"ACTIONS_ID_TOKEN_REQUEST_URL": ""},
            {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": ""},
            {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": f"{SECRET}\n"},
            {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://elsewhere.example/x"},
        ],
    )
    def test_outside_of_such_a_job_is_said(
        self, env: dict[str, str], change: dict[str, str]
    ) -> None:
        with pytest.raises(TypeError) as caught:
            github_actions("https://issuer.example", {**env, **change})
        assert_no_secret(caught.value)

    @pytest.mark.parametrize(
        "reply",
        [
            Reply.json({"value": SECRET}, 500),
            Reply.json({"value": 7}),
            Reply.json({"value": f"{SECRET}\r\nX: y"}),
            Reply(302, b"", {"Location": "http://127.0.0.1:9/"}),
            Reply(200, b"x" * 100_000),
        ],
    )
    def test_gives_no_identity_in_words(
        self, http_server: HttpServer, env: dict[str, str], reply: Reply
    ) -> None:
        credential = github_actions("https://issuer.example", env)
        http_server.answer = lambda _seen: reply
        with pytest.raises(MintError, match="GitHub gave no identity token") as caught:
            credential()
        assert_no_secret(caught.value)


class TestARefusal:
    HEADERS = {"Content-Type": "application/json"}  # noqa: RUF012

    def refusal(self, status: int = 401, **body: object) -> RefusedError | None:
        said = {"error": "audience_mismatch", "message": "m.", "fix": "f.", "step": 10, **body}
        return local_client().refusal(status, self.HEADERS, json.dumps(said).encode())

    def test_is_an_error_that_says_what_the_api_wants(self) -> None:
        error = self.refusal(
            request_id="r1",
            issuer=["https://a.example", "https://b.example"],
            audience="https://other.internal",
            binding="strict",
        )
        assert error is not None
        assert str(error) == (
            "401 audience_mismatch: m. f. "
            "The API wants issuer https://a.example or https://b.example; "
            "this client has https://issuer.example.test. "
            "The API wants audience https://other.internal; "
            "this client has https://inventory.internal. "
            "The API wants binding strict; this client has off."
        )
        assert (error.code, error.step, error.fix, error.status, error.request_id) == (
            "audience_mismatch", 10, "f.", 401, "r1",
        )  # fmt: skip
        assert error.wanted is not None
        assert error.wanted.audience == "https://other.internal"

    def test_of_what_fits_says_no_more_than_it_was_told(self) -> None:
        for issuer in ("https://issuer.example.test", ["x", "https://issuer.example.test"]):
            error = self.refusal(
                issuer=issuer, audience="https://inventory.internal", binding="off"
            )
            assert str(error) == "401 audience_mismatch: m. f."
        assert str(self.refusal()) == "401 audience_mismatch: m. f."
        assert str(self.refusal(status=403, audience="x")) == "403 audience_mismatch: m. f."

    def test_by_a_hostile_gateway_is_printable_and_bounded(self) -> None:
        error = self.refusal(message="a\r\n\x1b[31m" * 1000, issuer=[7, None, "\u202e"], step="x")
        assert error is not None
        assert str(error).isprintable()
        assert len(str(error)) < 5000
        assert error.step is None

    @pytest.mark.parametrize(
        ("status", "headers", "body"),
        [
            (200, HEADERS, b'{"fix":"x","error":"y"}'),
            (500, HEADERS, b'{"fix":"x","error":"y"}'),
            (401, HEADERS, b'{"error":"y"}'),
            (401, HEADERS, b"[]"),
            (401, HEADERS, b"{"),
            (401, {"content-type": "text/html"}, b'{"fix":"x","error":"y"}'),
            (401, HEADERS, b'{"fix":"x"}'.ljust(100_000)),
        ],
    )
    def test_is_not_what_an_application_answers(
        self, status: int, headers: dict[str, str], body: bytes
    ) -> None:
        assert local_client().refusal(status, headers, body) is None
