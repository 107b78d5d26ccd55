from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future

import kit
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kit import HttpServer, RawServer, Reply, Seen, until

from oathmesh import KeySettings, SigningKey, TrustedIssuer, public_jwk
from oathmesh.keys.ed25519_point import point_fault
from oathmesh.keys.jwk_set import parse_jwk_set, read_jwk_set
from oathmesh.keys.jwks_url import jwks_url_of
from oathmesh.keys.key_cache import KeyCache, KeyPorts
from oathmesh.keys.key_source import KeyLookup, Missing, VerificationKey

ISSUER = "https://issuer.example.test"


def jwk(kid: str) -> dict[str, object]:
    return {**public_jwk(SigningKey(kid, Ed25519PrivateKey.generate()))}


FIRST, SECOND = jwk("first"), jwk("second")


class FakeTime:
    """A clock that a test moves, and the timers that are set by it."""

    def __init__(self) -> None:
        self.now = 1_774_911_060.0
        self._timers: list[tuple[float, Callable[[], None]]] = []
        self._lock = threading.Lock()

    def later(self, run: Callable[[], None], delay: float) -> None:
        with self._lock:
            self._timers.append((self.now + delay, run))

    def jump(self, seconds: float) -> None:
        """Moves the clock without a timer noticing."""
        self.now += seconds

    def ring(self) -> int:
        """Runs the timers that are due."""
        with self._lock:
            due = [run for at, run in self._timers if at <= self.now]
            self._timers = [(at, run) for at, run in self._timers if at > self.now]
        for run in due:
            run()
        return len(due)

    @property
    def pending(self) -> int:
        return len(self._timers)


class Lines:
    """A log that a test reads."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, msg: str, /, *args: object) -> None:
        self.lines.append("info: " + msg % args)

    def warning(self, msg: str, /, *args: object) -> None:
        self.lines.append("warning: " + msg % args)

    def error(self, msg: str, /, *args: object) -> None:
        self.lines.append("error: " + msg % args)


class Issuer:
    """A cache in front of a real issuer on loopback."""

    def __init__(self, server: HttpServer, **settings: float) -> None:
        self.server = server
        self.time = FakeTime()
        self.log = Lines()
        self.publish(FIRST)
        ports = KeyPorts(
            clock=lambda: self.time.now, log=self.log, random=lambda: 0.5, later=self.time.later
        )
        trusted = TrustedIssuer(ISSUER, jwks_uri=f"{server.origin}/keys")
        options = {"timeout_ms": 5000, **settings}
        self.cache = KeyCache([trusted], KeySettings(allow_http=True, **options), ports)  # type: ignore[arg-type]

    def publish(self, *keys: object) -> None:
        reply = Reply.json({"keys": list(keys)})
        self.server.answer = lambda _seen: reply

    def fail(self, status: int = 500) -> None:
        self.server.answer = lambda _seen: Reply(status)

    def lookup(self, kid: str = "first") -> KeyLookup | Future[KeyLookup]:
        return self.cache.find(ISSUER, kid)

    def find(self, kid: str = "first") -> str:
        """What is found in the end."""
        found = self.lookup(kid)
        return word(found.result(10) if isinstance(found, Future) else found)

    def at_once(self, kid: str = "first") -> str:
        """What is found without waiting."""
        found = self.lookup(kid)
        return "waits" if isinstance(found, Future) else word(found)

    @property
    def requests(self) -> int:
        return len(self.server.seen)

    def settled(self, fetches: int) -> None:
        """Waits for the fetches in the background to have ended."""
        until(lambda: self.cache.stats()[0].fetches >= fetches)
        key_set = vars(self.cache)["_sets"][ISSUER]
        until(lambda: vars(key_set)["_refresher"].flight is None)


def word(found: KeyLookup) -> str:
    return found.kid if isinstance(found, VerificationKey) else found.value


@pytest.fixture
def issuer(http_server: HttpServer) -> Issuer:
    return Issuer(http_server)


class TestTheKeyCache:
    def test_finds_a_published_key_and_at_once_the_second_time(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        assert issuer.at_once() == "first"
        assert issuer.requests == 1

    def test_opens_nothing_when_it_is_made(self, issuer: Issuer) -> None:
        assert issuer.requests == 0
        assert issuer.time.pending == 0

    def test_makes_one_fetch_for_200_calls_at_the_same_time(self, issuer: Issuer) -> None:
        release = threading.Event()
        reply = Reply.json({"keys": [FIRST]})

        def slow(_seen: Seen) -> Reply:
            release.wait(10)
            return reply

        issuer.server.answer = slow
        lookups = [issuer.lookup() for _ in range(200)]
        release.set()
        assert {word(f.result(10)) for f in lookups if isinstance(f, Future)} == {"first"}
        assert issuer.requests == 1

    def test_asks_nobody_about_an_issuer_that_is_not_configured(self, issuer: Issuer) -> None:
        assert issuer.cache.find(f"{ISSUER}/", "first") is Missing.UNKNOWN_KID
        assert issuer.requests == 0

    def test_answers_at_once_after_a_prewarm(self, issuer: Issuer) -> None:
        issuer.cache.prewarm(10)
        assert issuer.at_once() == "first"


class TestAnUnknownKid:
    def test_causes_two_fetches_and_then_one_per_cooldown(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        assert {issuer.find(f"invented-{at}") for at in range(50)} == {"kid_unknown"}
        assert issuer.requests == 2
        issuer.time.jump(31)
        assert {issuer.find(f"other-{at}") for at in range(50)} == {"kid_unknown"}
        assert issuer.requests == 3

    def test_that_was_missed_is_not_sought_again_for_a_while(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        assert issuer.find("second") == "kid_unknown"
        issuer.publish(FIRST, SECOND)
        issuer.time.jump(29)
        assert issuer.at_once("second") == "kid_unknown"
        issuer.time.jump(2)
        assert issuer.find("second") == "second"

    def test_of_great_length_is_never_sought(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        assert issuer.at_once("x" * 257) == "kid_unknown"
        # 200 characters that count twice.
        assert issuer.at_once("\U0001f600" * 200) == "kid_unknown"
        assert issuer.requests == 1

    def test_leaves_nothing_behind_but_a_bounded_table(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        release = threading.Event()

        def slow(_seen: Seen) -> Reply:
            release.wait(10)
            return Reply.json({"keys": [FIRST]})

        issuer.server.answer = slow
        lookups = [issuer.lookup(f"invented-{at}") for at in range(1000)]
        release.set()
        for found in lookups:
            if isinstance(found, Future):
                found.result(10)
        assert issuer.cache.stats()[0].misses == 256


class TestRotation:
    def test_is_noticed_at_the_first_use_of_the_new_key(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        issuer.publish(FIRST, SECOND)
        assert issuer.find("second") == "second"

    def test_drops_a_withdrawn_key_within_the_lifetime(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        issuer.publish(SECOND)
        issuer.time.jump(61)
        assert issuer.find() == "kid_unknown"

    def test_is_fetched_in_the_background_at_four_fifths_of_the_lifetime(
        self, issuer: Issuer
    ) -> None:
        assert issuer.find() == "first"
        issuer.publish(SECOND)
        issuer.time.jump(47)
        assert issuer.time.ring() == 0
        issuer.time.jump(2)
        assert issuer.time.ring() == 1
        issuer.settled(2)
        assert issuer.at_once("second") == "second"
        assert issuer.at_once() == "waits"

    def test_is_not_followed_for_nobody(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        issuer.time.jump(601)
        assert issuer.time.ring() == 1
        assert issuer.time.pending == 0
        assert issuer.requests == 1


class TestAnOutage:
    def test_leaves_the_last_good_document_for_its_stale_window(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        issuer.fail()
        issuer.time.jump(61)
        # The first call that finds the document too old waits for a fetch that fails.
        assert issuer.find() == "first"
        assert issuer.at_once() == "first"
        issuer.time.jump(598)
        assert issuer.at_once() == "first"
        issuer.time.jump(2)
        assert issuer.find() == "issuer_unreachable"

    def test_is_not_one_fetch_per_call(self, issuer: Issuer) -> None:
        issuer.fail()
        assert {issuer.find() for _ in range(50)} == {"issuer_unreachable"}
        assert issuer.requests == 1
        issuer.time.jump(1)
        issuer.find()
        assert issuer.requests == 2

    def test_ends_with_the_next_fetch(self, issuer: Issuer) -> None:
        issuer.fail()
        assert issuer.find() == "issuer_unreachable"
        issuer.publish(FIRST)
        issuer.time.jump(16)
        assert issuer.find() == "first"
        assert [line for line in issuer.log.lines if "again" in line] == [
            f"info: the keys of issuer {ISSUER} are fetched again"
        ]

    def test_survives_a_clock_that_is_set_back(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        issuer.time.jump(-86_400)
        assert issuer.at_once() == "first"
        issuer.publish(SECOND)
        issuer.time.jump(61)
        assert issuer.find() == "kid_unknown"

    @pytest.mark.parametrize("status", [500, 503, 429, 408])
    def test_is_what_passes(self, issuer: Issuer, status: int) -> None:
        issuer.fail(status)
        assert issuer.find() == "issuer_unreachable"

    @pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 204, 206])
    def test_is_not_a_wrong_answer(self, issuer: Issuer, status: int) -> None:
        issuer.fail(status)
        assert issuer.find() == "jwks_invalid"


class TestAPurge:
    def test_forgets_every_key_at_once(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        issuer.publish(SECOND)
        issuer.cache.purge()
        issuer.time.jump(1)
        until(lambda: issuer.time.ring() > 0 or issuer.requests > 1)
        issuer.settled(2)
        assert issuer.find("second") == "second"
        assert issuer.at_once() == "kid_unknown"

    def test_never_leaves_stale_keys_behind(self, issuer: Issuer) -> None:
        assert issuer.find() == "first"
        issuer.fail()
        issuer.cache.purge()
        issuer.time.jump(1)
        until(lambda: issuer.time.ring() > 0 or issuer.requests > 1)
        issuer.settled(2)
        assert issuer.find() == "issuer_unreachable"


HOSTILE = [
    ("a body without end", kit.endless, "jwks_invalid"),
    ("a body that drips", kit.dripping, "issuer_unreachable"),
    ("a head that drips", kit.dripping_head, "issuer_unreachable"),
    ("a header line without end", kit.long_line, "issuer_unreachable"),
    ("100 Continue for ever", kit.continuing, "issuer_unreachable"),
    ("silence", kit.silent, "issuer_unreachable"),
    ("garbage", kit.garbage, "issuer_unreachable"),
    ("a closed connection", kit.closing, "issuer_unreachable"),
]
ODD = [
    ("no JSON", b"<html>"),
    ("a BOM", b"\xef\xbb\xbf" + json.dumps({"keys": [FIRST]}).encode()),
    ("invalid UTF-8", b'{"keys":[],"x":"\xff"}'),
    ("a member twice", b'{"keys":[],"keys":[]}'),
    ("NaN", b'{"keys":[],"x":NaN}'),
    ("a list", b"[]"),
    ("no list of keys", b'{"keys":{}}'),
    ("too many keys", json.dumps({"keys": [{}] * 101}).encode()),
    ("one kid twice", json.dumps({"keys": [FIRST, {**SECOND, "kid": "first"}]}).encode()),
    ("too long by a byte", json.dumps({"keys": [FIRST]}).ljust(65_537).encode()),
    ("nothing", b""),
]


def test_a_fork_in_the_middle_of_a_fetch_leaves_a_child_that_fetches(issuer: Issuer) -> None:
    release = threading.Event()
    reply = Reply.json({"keys": [FIRST]})

    def slow(_seen: Seen) -> Reply:
        release.wait(10)
        return reply

    issuer.server.answer = slow
    waiting = issuer.lookup()
    # Not earlier: whoever forks in the middle of a name resolution has no resolver in the child.
    until(lambda: issuer.requests == 1)
    key_set = vars(issuer.cache)["_sets"][ISSUER]
    # Held at the moment of the fork, by a thread that the child does not have.
    lock, held = vars(key_set)["_rlock"], threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            release.wait(10)

    threading.Thread(target=hold, daemon=True).start()
    held.wait(10)
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        os._exit(0 if issuer.find() == "first" else 1)
    until(lambda: issuer.requests >= 2)
    release.set()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert isinstance(waiting, Future)
    assert word(waiting.result(10)) == "first"


class TestAHostileIssuer:
    @pytest.mark.parametrize(
        ("answer", "found"), [r[1:] for r in HOSTILE], ids=[r[0] for r in HOSTILE]
    )
    def test_is_refused_and_ends(
        self, http_server: HttpServer, answer: Callable[..., None], found: str
    ) -> None:
        server = RawServer(answer)
        log = Lines()
        trusted = TrustedIssuer(ISSUER, jwks_uri=server.origin)
        settings = KeySettings(allow_http=True, timeout_ms=300)
        cache = KeyCache([trusted], settings, KeyPorts(log=log))
        lookup = cache.find(ISSUER, "first")
        assert isinstance(lookup, Future)
        assert word(lookup.result(20)) == found
        assert f"the keys of issuer {ISSUER} could not be fetched" in log.lines[0]
        assert log.lines[0].isprintable()
        server.stop()

    @pytest.mark.parametrize("body", [row[1] for row in ODD], ids=[row[0] for row in ODD])
    def test_with_an_odd_document_is_refused(self, issuer: Issuer, body: bytes) -> None:
        issuer.server.answer = lambda _seen: Reply(200, body)
        assert issuer.find() == "jwks_invalid"

    def test_with_a_compressed_document_is_refused(self, issuer: Issuer) -> None:
        issuer.server.answer = lambda _seen: Reply(200, b"x", {"Content-Encoding": "gzip"})
        assert issuer.find() == "jwks_invalid"

    def test_with_a_document_at_the_limit_is_not(self, issuer: Issuer) -> None:
        body = json.dumps({"keys": [FIRST]}).ljust(65_536).encode()
        issuer.server.answer = lambda _seen: Reply(200, body)
        assert issuer.find() == "first"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kid": ""}, "kid is not a string"),
        ({"kid": "x" * 257}, "kid is not a string"),
        ({"kid": "\U0001f600" * 129}, "kid is not a string"),
        ({"kid": 7}, "kid is not a string"),
        ({"d": "AAAA"}, "holds a private key"),
        ({"kty": "RSA"}, "kty is not OKP"),
        ({"crv": "X25519"}, "crv is not Ed25519"),
        ({"use": "enc"}, "use is not sig"),
        ({"alg": "ES256"}, "alg is not EdDSA"),
        ({"alg": None}, "alg is not EdDSA"),
        ({"key_ops": ["sign"]}, "key_ops lacks verify"),
        ({"key_ops": "verify"}, "key_ops lacks verify"),
        ({"x": 7}, "x is not a string"),
        ({"x": "+A"}, "x is not base64url"),
        ({"x": "AQ"}, "x is not 32 bytes long"),
        ({"x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "x is a point of small order"),
    ],
)
def test_an_unusable_key_is_dropped_alone(change: dict[str, object], reason: str) -> None:
    jwk_set = read_jwk_set({"keys": [{**FIRST, **change}, SECOND]})
    assert [*jwk_set.keys] == ["second"]
    assert len(jwk_set.dropped) == 1
    assert reason in jwk_set.dropped[0]


def test_points_that_are_none_are_refused() -> None:
    p = 2**255 - 19
    for y in (p, p + 1, 2**255 - 1):
        assert point_fault(y.to_bytes(32, "little")) == "x is not in canonical encoding"
    assert point_fault((2).to_bytes(32, "little")) == "x is not a point of the curve"
    assert point_fault((1 | 1 << 255).to_bytes(32, "little")) == "x is a point of small order"


@pytest.mark.parametrize("text", [json.dumps({"keys": [FIRST]}), {"keys": [FIRST]}])
def test_inline_keys_are_found_without_a_network(text: object) -> None:
    cache = KeyCache([TrustedIssuer("anything", jwks=text)], KeySettings())
    found = cache.find("anything", "first")
    assert not isinstance(found, Future)
    assert word(found) == "first"


@pytest.mark.parametrize(
    ("trusted", "message"),
    [
        (TrustedIssuer(""), "issuers[0].issuer: is empty"),
        (TrustedIssuer("http://a.example"), "issuers[0].issuer: must be https"),
        (TrustedIssuer("x", jwks="{"), "issuers[0].jwks: is not JSON"),
        (TrustedIssuer("x", jwks=[]), "issuers[0].jwks: is not a JSON object"),
        (TrustedIssuer("x", jwks={"keys": []}), "issuers[0].jwks: has no key"),
        (TrustedIssuer("x", jwks={"keys": [{**FIRST, "d": "A"}]}), "keys[0] holds a private key"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(trusted: TrustedIssuer, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        KeyCache([trusted], KeySettings())
    assert message in str(caught.value)


def test_an_issuer_listed_twice_is_named() -> None:
    twice = [TrustedIssuer(ISSUER), TrustedIssuer(ISSUER)]
    with pytest.raises(TypeError, match=r"issuers\[1\].issuer: is listed twice"):
        KeyCache(twice, KeySettings())


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"ttl": 0}, "keys.ttl"),
        ({"ttl": float("nan")}, "keys.ttl"),
        ({"ttl": float("inf")}, "keys.ttl"),
        ({"stale_if_error": -1}, "keys.stale_if_error"),
        ({"refresh_cooldown": 0}, "keys.refresh_cooldown"),
        ({"timeout_ms": 0}, "keys.timeout_ms"),
    ],
)
def test_a_setting_out_of_bounds_is_named(settings: dict[str, float], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        KeySettings(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://h.example", "https://h.example/.well-known/jwks.json"),
        ("https://h.example/t1//", "https://h.example/t1/.well-known/jwks.json"),
        ("https://h.example:8443/t", "https://h.example:8443/t/.well-known/jwks.json"),
    ],
)
def test_keys_are_sought_below_the_issuer(issuer: str, url: str) -> None:
    assert jwks_url_of(TrustedIssuer(issuer), KeySettings()) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://user@h.example/k",
        "https://h.example/k?x=1",
        "https://h.example/k#x",
        "https://h.example\\k",
        "https://h\t.example/k",
        "https://",
        "file:///etc/passwd",
        "https://h.example:x/k",
    ],
)
def test_a_url_that_is_not_plain_is_refused(url: str) -> None:
    with pytest.raises(TypeError, match=r"issuers\[\].jwks_uri: "):
        jwks_url_of(TrustedIssuer(ISSUER, jwks_uri=url), KeySettings(allow_http=True))


def test_a_document_is_read_from_text() -> None:
    assert [*parse_jwk_set(json.dumps({"keys": [FIRST]})).keys] == ["first"]
