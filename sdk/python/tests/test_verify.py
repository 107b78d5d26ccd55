from __future__ import annotations

import asyncio
import json
import re
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kit import fresh_token, present, verifier_with
from vectors import BASE_CONFIG, KEYS, VECTOR_NOW, cook

from oathmesh import (
    REFUSALS,
    Call,
    MemoryReplayStore,
    Verifier,
    compile_rules,
    load_policy,
    open_verifier,
    read_settings,
)
from oathmesh.call import Body
from oathmesh.keys.key_cache import KeyCache
from oathmesh.policy.glob import compile_glob
from oathmesh.policy.policy_file import PolicyFile
from oathmesh.replay.replay_store import PendingClaim, TokenUse, UseOutcome
from oathmesh.token.claims import Claims
from oathmesh.token.strict_json import parse_strict_json
from oathmesh.verify.attempt import VerifierPorts


def call_with(token: str) -> Call:
    return Call((f"OathMesh {token}",))


class TestStrictJson:
    @pytest.mark.parametrize(
        "text",
        [
            "", " ", "{", "[1,]", '{"a":1,}', "01", "1.", ".5", "+1", "-", "--1", "1e", "0x1",
            "NaN", "Infinity", "-Infinity", "nul", "True", "'a'", '"a', '"\t"', '"\\x"', '"\\u12"',
            "[1 2]", '{"a" 1}', "{1:1}", "1 2", "\ufeff{}", "/**/1", "\u00a01", '{"a":1,"a":1}',
            '{"a":1,"\\u0061":2}', '{"x":{"a":1,"a":2}}', '[{"":1,"":2}]',
        ],
    )  # fmt: skip
    def test_refuses_what_parsers_differ_on(self, text: str) -> None:
        # The same one level too deep for recursion, where another parser takes over.
        for spelling in (text, "[" * 5000 + (text.strip(" ") or "]") + "]" * 5000):
            with pytest.raises(ValueError, match="not JSON|duplicate") as caught:
                parse_strict_json(spelling)
            assert str(caught.value) in ("not JSON", "duplicate member name")

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("{}", {}),
            ("[]", []),
            (' { "a" : [ 1 , -0 , 2.50 , 1e2 , null , true , false ] } ',
             {"a": [1, 0, 2.5, 100.0, None, True, False]}),
            ('"\\ud83d\\ude00 \\ud800 \\/"', "\U0001f600 \ud800 /"),
            ('{"__proto__":1,"a":{"a":1}}', {"__proto__": 1, "a": {"a": 1}}),
            ("1e999", float("inf")),
            ("9" * 25, float("9" * 25)),
        ],
    )  # fmt: skip
    def test_reads_the_rest_at_any_depth(self, text: str, value: object) -> None:
        assert parse_strict_json(text) == value
        deep: Any = parse_strict_json("[" * 5000 + text + "]" * 5000)
        for _ in range(5000):
            (deep,) = deep
        assert deep == value

    def test_tells_whole_numbers_from_others(self) -> None:
        for text, kind in (("1", int), ("1.0", float), ("1e0", float), ("1E0", float)):
            assert type(parse_strict_json(text)) is kind
            deep: Any = parse_strict_json("[" * 5000 + text + "]" * 5000)
            for _ in range(5000):
                (deep,) = deep
            assert type(deep) is kind

    def test_refuses_invalid_utf8_and_keeps_the_text_to_itself(self) -> None:
        for data in (b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b"s3cret"):
            with pytest.raises(ValueError, match="invalid UTF-8|not JSON") as caught:
                parse_strict_json(data)
            assert "s3cret" not in repr(vars(caught.value)) + str(caught.value)


class TestTokensWithOddClaims:
    """What Python's types would take for something else, or choke on."""

    @pytest.mark.parametrize(
        ("payload", "reason"),
        [
            ({"iat": True}, "payload_json"),
            ({"exp": False}, "payload_json"),
            ({"iat": "1774911000"}, "payload_json"),
            ({"scope": "a"}, "payload_json"),
            ({"scope": [1]}, "payload_json"),
            ({"src": []}, "payload_json"),
            ({"sub": ["a"]}, "payload_json"),
            ({"nbf": -1}, "payload_json"),
            ({"sub": "svc://a\n"}, "subject_grammar"),
            ({"aud": "https://inventory.internal\ud800"}, "audience_mismatch"),
            ({"sub": "svc://\u0661"}, "subject_grammar"),
        ],
    )
    def test_are_refused(self, payload: dict[str, object], reason: str) -> None:
        assert present(verifier_with(MemoryReplayStore()), fresh_token(**payload)) == reason

    @pytest.mark.parametrize(
        "extra",
        [
            '"x":' + "[" * 2500 + "]" * 2500,
            '"x":' + "9" * 5000,
            '"x":1e99999',
            '"x":"\\ud800"',
            '"reason":"\\udfff"',
            '"src":{"iat":1.5}',
            '"constructor":{}',
        ],
    )
    def test_that_nobody_reads_are_no_fault(self, extra: str) -> None:
        text = json.dumps({
            "iss": "https://issuer.example.test", "sub": "svc://a", "jti": "one", "act": "a",
            "aud": "https://inventory.internal", "iat": VECTOR_NOW, "exp": VECTOR_NOW + 60,
        })  # fmt: skip
        token = cook({"payload_text": f"{text[:-1]},{extra}}}"}, "")
        settings = read_settings(BASE_CONFIG)
        ports = VerifierPorts(
            KeyCache(settings.issuers, settings.keys), MemoryReplayStore(started_at=0)
        )
        verifier = Verifier(settings, ports, clock=lambda: float(VECTOR_NOW))
        assert verifier.verify(call_with(token)).denial is None


class _Faulty:
    """A store that raises, or answers with something that is no outcome."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    def claim(self, _use: TokenUse, _now: float) -> UseOutcome | PendingClaim:
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        outcome: UseOutcome = self._outcome
        return outcome


def test_verifiers_that_are_given_one_store_share_it() -> None:
    store = MemoryReplayStore()
    one, other = (open_verifier(BASE_CONFIG, replay=store) for _ in range(2))
    token = fresh_token()
    assert [present(one, token), present(other, token)] == ["allow", "jti_replay"]


class TestNoFaultIsAnAllow:
    def test_and_none_goes_unsaid(self, caplog: pytest.LogCaptureFixture) -> None:
        present(verifier_with(_Faulty(RuntimeError("s3cret"))), fresh_token())
        assert "internal fault: RuntimeError in " in caplog.text
        assert "test_verify.py line" in caplog.text
        assert "s3cret" not in caplog.text

    @pytest.mark.parametrize("outcome", [RuntimeError("s3cret"), None, "fresh", True, KeyError()])
    def test_of_a_store(self, outcome: object) -> None:
        assert present(verifier_with(_Faulty(outcome)), fresh_token()) == "internal_error"

    def test_of_a_store_that_fails_later(self) -> None:
        for fault in (RuntimeError("x"), TimeoutError("x"), OSError("x")):
            answer: Future[UseOutcome] = Future()
            answer.set_exception(fault)
            pending = PendingClaim(answer, 1.0, lambda: UseOutcome.UNAVAILABLE)
            outcome = present(verifier_with(_Faulty(pending)), fresh_token())
            assert outcome in ("internal_error", "replay_store_unavailable")
            call = call_with(fresh_token())
            assert asyncio.run(verifier_with(_Faulty(pending)).verify_async(call)).denial

    @pytest.mark.parametrize("clock", [lambda: 1 / 0, lambda: None])
    def test_of_a_clock(self, clock: Any) -> None:
        settings = read_settings(BASE_CONFIG)
        ports = VerifierPorts(KeyCache(settings.issuers, settings.keys), MemoryReplayStore())
        decision = Verifier(settings, ports, clock=clock).verify(call_with(fresh_token()))
        assert decision.denial is not None
        assert decision.denial.reason == "internal_error"

    def test_of_a_body(self) -> None:
        def broken(_most: int) -> Body:
            raise OSError("connection reset")

        async def gone(_most: int) -> Body:
            raise OSError("connection reset")

        config = {"request_binding": {"mode": "body", "required": "all"}}
        verifier = verifier_with(MemoryReplayStore(), **config)
        authorization = (f"OathMesh {fresh_token(rqh='sha256:' + '0' * 64)}",)
        denial = verifier.verify(Call(authorization, body=broken)).denial
        assert denial is not None
        assert (denial.reason, denial.step) == ("internal_error", 12)
        call = Call(authorization, body=gone)
        assert asyncio.run(verifier.verify_async(call)).denial is not None

    def test_of_a_policy(self) -> None:
        class Broken:
            def decide(self, _claims: Claims) -> Any:
                raise ZeroDivisionError

        class Vague:
            def decide(self, _claims: Claims) -> Any:
                return type("D", (), {"allow": "yes", "rule": None, "unavailable": False})()

        for policy, reason in ((Broken(), "internal_error"), (Vague(), "policy")):
            verifier = verifier_with(MemoryReplayStore(), policy=policy)
            assert present(verifier, fresh_token()) == reason

    def test_repeats_a_token(self) -> None:
        token = fresh_token()
        decision = verifier_with(_Faulty(RuntimeError("x"))).verify(call_with(token))
        for text in (repr(decision), str(decision.denial), repr(call_with(token))):
            assert token not in text
            assert token.split(".")[2] not in text
        refused = verifier_with(MemoryReplayStore()).verify(call_with(f"{token}!")).denial
        assert refused is not None
        assert (refused.__traceback__, refused.__context__) == (None, None)


class TestTheMemoryStore:
    def test_has_one_winner_among_many_threads(self) -> None:
        verifier = verifier_with(MemoryReplayStore(), deadline_ms=10_000)
        for _ in range(20):
            token = fresh_token()
            start = threading.Barrier(16)

            def race(_at: int, token: str = token, start: threading.Barrier = start) -> str:
                start.wait()
                return present(verifier, token)

            with ThreadPoolExecutor(16) as pool:
                assert sorted(pool.map(race, range(16))) == ["allow"] + ["jti_replay"] * 15

    def use(self, name: str, issued_at: int = 1000) -> TokenUse:
        return TokenUse("i", name, "s", issued_at, issued_at + 150, 30, "t")

    def test_refuses_when_it_is_full_and_never_forgets(self) -> None:
        ticks = 0.0
        store = MemoryReplayStore(2, started_at=0, stopwatch=lambda: ticks)
        outcomes = [store.claim(self.use(name), 1000) for name in ("a", "b", "c", "a")]
        assert outcomes == [
            UseOutcome.FRESH, UseOutcome.FRESH, UseOutcome.FULL, UseOutcome.SEEN,
        ]  # fmt: skip
        ticks = 300.0
        assert store.claim(self.use("d", 1300), 1300) is UseOutcome.FRESH
        assert len(store) == 1

    def test_forgets_nothing_by_a_clock_that_is_set(self) -> None:
        ticks = 0.0
        store = MemoryReplayStore(started_at=0, stopwatch=lambda: ticks)
        assert store.claim(self.use("a"), 1000) is UseOutcome.FRESH
        ticks = 1.0
        assert store.claim(self.use("b", 9000), 9000) is UseOutcome.FRESH
        assert store.claim(self.use("a"), 1001) is UseOutcome.SEEN
        ticks = 1000.0
        assert store.claim(self.use("c"), 1000) is UseOutcome.FRESH
        assert store.claim(self.use("a"), 1000) is UseOutcome.SEEN

    def test_refuses_what_is_older_than_itself(self) -> None:
        store = MemoryReplayStore(started_at=1000.9)
        assert store.claim(self.use("a", 999), 1001) is UseOutcome.HISTORY_UNKNOWN
        assert store.claim(self.use("b", 1000), 1001) is UseOutcome.FRESH


class TestGlobs:
    @pytest.mark.parametrize(
        ("pattern", "fits", "fits_not"),
        [
            ("a", ["a"], ["", "b", "aa"]),
            ("*", ["", "a", "\n"], []),
            ("a*", ["a", "ab"], ["", "ba"]),
            ("ab*ba", ["abba", "ab-ba"], ["aba", "ab"]),
            ("a*b*c", ["abc", "a-b-c", "abbc"], ["acb", "ac", "ab"]),
            ("**", ["", "a"], []),
            ("a**b", ["ab", "a-b"], ["a"]),
            ("*a*a*", ["aa", "baba"], ["a"]),
            ("a.c", ["a.c"], ["abc"]),
            ("svc://*/x", ["svc://a/b/x"], ["svc://x"]),
        ],
    )
    def test_match_the_whole_text(self, pattern: str, fits: list[str], fits_not: list[str]) -> None:
        matches = compile_glob(pattern)
        assert [matches(text) for text in fits] == [True] * len(fits)
        assert [matches(text) for text in fits_not] == [False] * len(fits_not)

    def test_take_time_in_proportion_to_the_text(self) -> None:
        # By backtracking this would take longer than anybody lives.
        assert not compile_glob("*a" * 200 + "b")("a" * 100_000)


class TestPolicies:
    @pytest.mark.parametrize(
        ("rules", "message"),
        [
            ([], "policy.rules: must be a list of 1 to 10000 entries"),
            ([{"name": "a", "allow": True}], "policy.rules[0].match: a rule that allows must say"),
            ([{"name": "a", "allow": True, "match": {}}], "policy.rules[0].match: a rule that"),
            ([{"name": "a", "allow": 1, "match": {"sub": "x"}}], "policy.rules[0].allow: must be"),
            ([{"name": "a", "allow": True, "match": {"subject": "x"}}],
             "policy.rules[0].match.subject: unknown member"),
            ([{"name": "a", "allow": True, "match": {"src": {"ref": "x"}}}],
             "policy.rules[0].match.src.ref: unknown member"),
            ([{"name": "a", "allow": True, "match": {"sub": ""}}], "policy.rules[0].match.sub"),
            ([{"name": "a", "allow": True, "match": {"scope": []}}], "policy.rules[0].match.scope"),
            ([{"name": "a", "allow": True, "match": {"sub": "x"}, "deny": 1}],
             "policy.rules[0].deny: unknown member"),
            ([{"name": "a", "allow": False}] * 2, "policy.rules[1].name: already names"),
            ([{"name": "default", "allow": False}, {"name": "a", "allow": False}],
             'policy.rules[0]: the rule "default" must be the last one'),
            ([{"name": "default", "allow": True}], 'policy.rules[0].allow: the rule "default"'),
            ([{"allow": False}], "policy.rules[0].name: is missing"),
            ("rules", "policy.rules: must be a list"),
            ([7], "policy.rules[0]: must be an object"),
        ],
    )  # fmt: skip
    def test_with_a_fault_are_refused_by_its_path(self, rules: object, message: str) -> None:
        with pytest.raises(TypeError) as caught:
            compile_rules(rules)
        assert str(caught.value).startswith(message)

    DOCUMENT: dict[str, object] = {  # noqa: RUF012
        "version": 1,
        "issuers": ["https://issuer.example.test"],
        "audiences": ["https://inventory.internal"],
        "rules": [
            {"ruleName": "ci", "match": {"sub": "agent://ci/*"}, "allow": True},
            {"name": "default", "denyReason": "not listed", "allow": False},
        ],
    }

    def test_are_read_from_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "policy.json"
        file.write_text(json.dumps(self.DOCUMENT))
        verifier = verifier_with(MemoryReplayStore(), policy=load_policy(file))
        decision = verifier.verify(call_with(fresh_token()))
        assert decision.caller is not None
        assert decision.caller.rule == "ci"
        assert present(verifier, fresh_token(sub="svc://a")) == "policy"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"version": 2}, "version: must be 1"),
            ({"version": True}, "version: must be 1"),
            ({"issuers": []}, "issuers: must be"),
            ({"audiences": None}, "audiences: is missing"),
            ({"rules": [{"name": "a", "allow": False}]}, "rules[0]: the last rule must be named"),
            ({"extra": 1}, "extra: unknown member"),
            ({"rules": [{"name": "a", "ruleName": "a", "allow": False}]}, "rules[0]: needs either"),
        ],
    )
    def test_in_a_file_with_a_fault_are_refused(
        self, tmp_path: Path, change: dict[str, object], message: str
    ) -> None:
        file = tmp_path / "policy.json"
        file.write_text(json.dumps({**self.DOCUMENT, **change}))
        with pytest.raises(TypeError) as caught:
            load_policy(file)
        assert str(caught.value).startswith(message)

    def test_follow_their_file_and_keep_the_last_good_version(self, tmp_path: Path) -> None:
        from kit import until

        ticks = 0.0
        file = tmp_path / "policy.json"
        policy = PolicyFile(str(file), stopwatch=lambda: ticks)
        verifier = verifier_with(MemoryReplayStore(), policy=policy)

        def outcome() -> str:
            nonlocal ticks
            ticks += 3
            return present(verifier, fresh_token())

        assert outcome() == "policy_not_loaded"
        decision = verifier.verify(call_with(fresh_token()))
        assert decision.denial is not None
        assert (decision.denial.code, decision.denial.status) == ("verification_failed", 503)
        file.write_text(json.dumps(self.DOCUMENT))
        until(lambda: outcome() == "allow")
        file.write_text("{")
        for _ in range(5):
            assert outcome() == "allow"
        denying = {**self.DOCUMENT, "rules": [{"name": "default", "allow": False}]}
        file.write_text(json.dumps(denying))
        until(lambda: outcome() == "policy")


class TestConfiguration:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"audience": None}, "audience: is missing"),
            ({"audience": ""}, "audience: must be"),
            ({"issuers": []}, "issuers: must be"),
            ({"issuers": [{"issuer": "x", "jwk": 1}]}, "issuers[0].jwk: unknown member"),
            ({"issuers": [7]}, "issuers[0]: must be an object"),
            ({"policy": None}, "policy: is missing"),
            ({"policy": {}}, "policy: give exactly one"),
            ({"policy": {"allow_all": True, "rules": []}}, "policy: give exactly one"),
            ({"policy": {"allow_all": False}}, "policy: give exactly one"),
            ({"clock_skew_leeway": 61}, "clock_skew_leeway: must be a whole number from 0 to 60"),
            ({"clock_skew_leeway": True}, "clock_skew_leeway: must be"),
            ({"max_token_lifetime": 301}, "max_token_lifetime: must be"),
            ({"max_token_bytes": 255}, "max_token_bytes: must be"),
            ({"accept_bearer": "yes"}, "accept_bearer: must be true or false"),
            ({"request_binding": {"mode": "hash"}}, "request_binding.mode: must be one of"),
            ({"request_binding": {"required": "all"}}, "request_binding.required: needs a mode"),
            ({"keys": {"ttl": 0}}, "keys.ttl: must be"),
            ({"keys": {"ttls": 1}}, "keys.ttls: unknown member"),
            ({"require": {"routes": [{"method": "get", "path": "/", "action": "a"}]}},
             "require.routes[0].method: must be a method in capitals"),
            ({"require": {"routes": [{"method": "GET", "path": "x", "action": "a"}]}},
             "require.routes[0].path: must be a decoded path"),
            ({"require": {"routes": [{"method": "GET", "path": "/a{b}", "action": "a"}]}},
             "require.routes[0].path: a segment must be text"),
            ({"require": {"routes": [{"method": "GET", "path": "/{a}", "action": "a"},
                                     {"method": "GET", "path": "/{b}", "action": "a"}]}},
             "require.routes[1]: lists the same requests"),
            ({"acceptBearer": True}, "acceptBearer: unknown member"),
        ],
    )  # fmt: skip
    def test_with_a_fault_is_refused_by_its_path(
        self, change: dict[str, object], message: str
    ) -> None:
        with pytest.raises(TypeError) as caught:
            read_settings({**BASE_CONFIG, **change})
        assert str(caught.value).startswith(message)

    def test_may_be_as_short_as_three_entries(self) -> None:
        verifier = open_verifier(
            {
                "audience": "a",
                "issuers": ["https://issuer.example.test"],
                "policy": {"allow_all": True},
            },
            prewarm=False,
        )
        assert verifier.verify(Call()).denial is not None

    def test_repeats_no_value_of_a_secret_place(self) -> None:
        settings = read_settings(BASE_CONFIG)
        jwks = json.dumps({"keys": [KEYS["trusted"].kid]})
        assert jwks not in repr(settings)


CORE = Path(__file__).resolve().parents[3] / "lib" / "denial.ts"
_ROW = re.compile(
    r"^  (\w+): +\{ code: '([^']+)', status: (\d+), message: (.+?), fix: (.+?) \},$", re.M
)
_CLAIM = re.compile(r"^  (\w+): +claim\('(\w+)'\),$", re.M)
_CONSTANT = re.compile(r"^const ([A-Z]+) = '(.+)'$", re.M)


def test_the_table_of_refusals_is_that_of_the_core() -> None:
    text = CORE.read_text("utf-8")
    constants = dict(_CONSTANT.findall(text))

    def said(source: str) -> str:
        return constants.get(source) or source[1:-1].replace("\\'", "'")

    core = {
        reason: (code, int(status), said(message), said(fix))
        for reason, code, status, message, fix in _ROW.findall(text)
    }
    for reason, name in _CLAIM.findall(text):
        core[reason] = (
            f"claim_missing:{name}",
            401,
            f'The token lacks the required claim "{name}".',
            f'Mint the token with a non-empty "{name}".',
        )
    # A service of its own has no gateway's consumers.
    del core["consumer_unknown"]
    assert {reason: tuple(refusal) for reason, refusal in REFUSALS.items()} == core
