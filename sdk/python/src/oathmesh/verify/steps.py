"""The checks, in the order of execution. Labels are the protocol's numbers. Spec 3.1."""

from __future__ import annotations

import hmac
import re
from collections.abc import Generator
from concurrent.futures import Future
from typing import Any, Callable, NamedTuple

from ..binding.request_hash import request_hash
from ..call import OverLimit, RequestLine
from ..denial import Denial, deny
from ..headers import names_ours
from ..keys.ed25519 import verify_ed25519
from ..keys.key_source import KeyLookup, Missing
from ..replay.replay_store import PendingClaim, TokenUse, UseOutcome
from ..token.base64url import decode_base64url
from ..token.claims import Claims
from ..token.payload import Header, read_header, read_payload
from ..token.segments import split_token
from ..token.strict_json import parse_strict_json
from ..token.subject import is_subject
from ..token.text import WHITE_SPACE, utf8
from .attempt import Attempt, ReadBody, Wait

#: A step that waits is a generator: it yields what it waits for and is sent the answer.
Waiting = Generator[Wait, Any, None]


class Step(NamedTuple):
    """One check. Returns when the call passes it, raises ``Denial`` when it does not."""

    #: Absent for what is checked before the token is looked at.
    label: int | None
    run: Callable[[Attempt], Waiting | None]


def credentials(attempt: Attempt) -> None:
    """Before step 1: exactly one ``Authorization`` with an accepted scheme.

    ``Connection`` must leave identity headers alone: a proxy behind us would drop what it names
    after they have been set. Denies ``claim_missing:token``, ``verification_failed``. RFC 9110,
    11.4.
    """
    call = attempt.call
    if any(names_ours(value) for value in call.connection):
        deny("hop_by_hop_identity")
    value = call.authorization[0].strip(WHITE_SPACE) if call.authorization else ""
    if value == "":
        deny("authorization_missing")
    # A proxy may have joined two headers with a comma; neither a scheme nor a token holds one.
    if len(call.authorization) > 1 or "," in value:
        deny("authorization_ambiguous")
    scheme, _, token = _SPACE.sub(" ", value, count=1).partition(" ")
    accepted = ("oathmesh", "bearer") if attempt.settings.accept_bearer else ("oathmesh",)
    if scheme.lower() not in accepted:
        deny("scheme_unsupported")
    token = token.strip(WHITE_SPACE)
    if token == "":
        deny("authorization_missing")
    attempt.token = token


def structure(attempt: Attempt) -> None:
    """Step 1: the token is short enough to be looked at and has three parts.

    Denies ``token_malformed``. Spec 1.5.
    """
    # Before any decoding: what follows costs time and memory in proportion to the length.
    if len(utf8(attempt.token)) > attempt.settings.max_token_bytes:
        deny("token_too_long")
    segments = split_token(attempt.token)
    if segments is None:
        deny("segment_count")
    attempt.segments = segments


def algorithm(attempt: Attempt) -> None:
    """Step 2: an ``om+jwt`` header that asks for EdDSA and for nothing we do not understand.

    Denies ``token_malformed``, ``algorithm_not_allowed``. Spec 1.2.
    """
    data = decode_base64url(attempt.segments.header)
    if data is None:
        deny("header_encoding")
    header = attempt.header = _parse_header(data)
    if header.alg is not None and header.alg.lower() == "none":
        deny("alg_none")
    if header.alg != "EdDSA":
        deny("alg_unsupported", header.alg)
    if header.typ != "om+jwt":
        deny("typ_mismatch", header.typ)
    # RFC 7515, 4.1.11: whoever does not understand a critical extension must refuse.
    if header.critical:
        deny("crit_present")


def _parse_header(data: bytes) -> Header:
    try:
        return read_header(parse_strict_json(data))
    except (ValueError, TypeError) as cause:
        deny("header_json", str(cause))


def payload(attempt: Attempt) -> None:
    """Step 3: the payload is JSON of the right types. Denies ``token_malformed``. Spec 1.3, 1.5."""
    data = decode_base64url(attempt.segments.payload)
    if data is None:
        deny("payload_encoding")
    try:
        attempt.payload = read_payload(parse_strict_json(data))
    except (ValueError, TypeError) as cause:
        deny("payload_json", str(cause))


def trusted_issuer(attempt: Attempt) -> None:
    """Step 4: the token names an issuer of the configuration, character for character.

    The claim is not proven yet; it only selects whose keys may prove it. Denies
    ``issuer_untrusted``.
    """
    if attempt.payload.iss not in attempt.settings.speaks_for:
        deny("issuer_unknown", attempt.payload.iss)


def required_claims(attempt: Attempt) -> None:
    """Step 11: every required claim is there; the first missing one is reported.

    Denies ``claim_missing:<claim>``. Spec 1.3.
    """
    found = vars(attempt.payload)
    for name in ("sub", "aud", "act", "iat", "exp", "jti"):
        if found[name] is None:
            deny(f"{name}_missing")
    attempt.claims = Claims(**found)


def subject(attempt: Attempt) -> None:
    """Step 11, second half: ``sub`` has the subject grammar. Denies ``claim_missing:sub``."""
    if not is_subject(attempt.claims.sub):
        deny("subject_grammar", attempt.claims.sub)


def signing_key(attempt: Attempt) -> Waiting:
    """Step 5: the issuer publishes the key that the header names.

    Waits only while the issuer's keys are not cached. Denies ``issuer_untrusted``, and
    ``verification_failed`` with 503 when the issuer is away. Spec 5.
    """
    kid = attempt.header.kid
    if kid is None:
        deny("kid_missing")
    lookup: KeyLookup | Future[KeyLookup] = attempt.ports.keys.find(attempt.claims.iss, kid)
    if isinstance(lookup, Future):
        lookup = yield lookup
    if isinstance(lookup, Missing):
        deny(lookup.value)
    attempt.key = lookup  # type: ignore[assignment]


def signature(attempt: Attempt) -> None:
    """Step 6: the key fits the algorithm and the signature verifies over the bytes as received.

    Denies ``algorithm_not_allowed``, ``signature_invalid``. RFC 8032, 5.1.7.
    """
    key = attempt.key
    if key.alg is not None and key.alg != attempt.header.alg:
        deny("alg_key_mismatch")
    data = decode_base64url(attempt.segments.signature)
    if data is None:
        deny("signature_encoding")
    if not verify_ed25519(attempt.segments.signing_input.encode("ascii"), data, key.key):
        deny("bad_signature")
    attempt.verified = True


def issuer_scope(attempt: Attempt) -> None:
    """Step 7: the proven issuer is trusted for the proven subject. Denies ``issuer_untrusted``."""
    claims = attempt.claims
    if not attempt.settings.speaks_for[claims.iss](claims.sub):
        deny("issuer_not_for_subject", claims.sub)


def expiry(attempt: Attempt) -> None:
    """Step 8: the token is alive and was never meant to live long.

    At exactly ``exp`` plus the leeway it is dead. Denies ``token_expired``. Spec 4.
    """
    iat, exp = attempt.claims.iat, attempt.claims.exp
    if exp > _LATEST_EXPIRY:
        deny("exp_out_of_range", f"exp {exp}")
    if exp <= iat:
        deny("lifetime_not_positive", f"iat {iat}, exp {exp}")
    # Unbounded, one faulty issuer turns a minute-long token into a standing credential.
    if exp - iat > attempt.settings.max_lifetime:
        deny("lifetime_too_long", f"{exp - iat} s")
    if exp + attempt.settings.leeway <= attempt.now:
        deny("expired", f"exp {exp}, now {attempt.now}")


def issued_at(attempt: Attempt) -> None:
    """Step 9: the token was not issued, and does not begin, in the future.

    Denies ``token_expired``. Spec 4.1.
    """
    claims = attempt.claims
    latest = attempt.now + attempt.settings.leeway
    if claims.iat >= latest:
        deny("issued_in_future", f"iat {claims.iat}, now {attempt.now}")
    if claims.nbf is not None and claims.nbf >= latest:
        deny("not_yet_valid", f"nbf {claims.nbf}, now {attempt.now}")


def audience(attempt: Attempt) -> None:
    """Step 10: the token is meant for this API, character for character.

    Denies ``audience_mismatch``.
    """
    if attempt.claims.aud != attempt.settings.audience:
        deny("audience_mismatch", attempt.claims.aud)


def binding(attempt: Attempt) -> Waiting:
    """Step 12: a token bound to a request comes with that request.

    Where binding is required every token is bound. A binding that cannot be checked is a mismatch,
    never ignored. Denies ``binding_mismatch``, ``binding_required``. Spec 6.2.
    """
    rqh = attempt.claims.rqh
    settings = attempt.settings.binding
    if settings.mode == "off":
        if rqh is not None and not settings.ignore_when_off:
            deny("binding_off")
        return
    if rqh is None:
        if settings.required == "unsafe":
            yield from _require_of_unsafe(attempt)
        elif settings.required == "all":
            deny("binding_required")
        return
    if _RQH.fullmatch(rqh) is None:
        deny("binding_syntax")
    body = yield ReadBody(settings.max_body_bytes)
    if isinstance(body, OverLimit):
        deny("body_over_limit")
    if not isinstance(body, bytes):
        deny("body_unreadable")
    line: RequestLine | None = None if settings.mode == "body" else attempt.call.line
    expected = request_hash(settings.mode, line, body)
    if not hmac.compare_digest(rqh.encode(), expected.encode()):
        deny("binding_mismatch")


def _require_of_unsafe(attempt: Attempt) -> Waiting:
    """A body makes a request unsafe, whatever its method."""
    if attempt.call.line.method not in _SAFE_METHODS:
        deny("binding_required")
    body = yield ReadBody(1)
    if body != b"":
        deny("binding_required")


def revocation(attempt: Attempt) -> Waiting:
    """Step 13, first half: the subject has not been revoked.

    One question to the store answers this and the next step: a second round trip would cost every
    call. Denies ``subject_revoked``. Spec 8.
    """
    claims, settings = attempt.claims, attempt.settings
    use = TokenUse(
        issuer=claims.iss,
        token_id=claims.jti,
        subject=claims.sub,
        issued_at=claims.iat,
        acceptable_until=claims.exp + settings.leeway,
        leeway=settings.leeway,
        token=attempt.token,
        realm=settings.realm,
    )
    outcome = attempt.ports.replay.claim(use, attempt.now)
    if isinstance(outcome, PendingClaim):
        outcome = yield outcome
    attempt.use = outcome
    if outcome is UseOutcome.REVOKED:
        deny("subject_revoked")


def replay(attempt: Attempt) -> None:
    """Step 13, second half: the token has not been used before.

    What the store could not find out is a refusal of its own and never reported as a replay. Denies
    ``replay_detected``; ``verification_failed`` with 401 or 503. Spec 7.
    """
    if attempt.use not in (UseOutcome.FRESH, UseOutcome.KNOWN_GOOD):
        deny(_REFUSED.get(attempt.use, "internal_error"))


def policy(attempt: Attempt) -> None:
    """Step 14, first half: policy allows the proven claims. Spec 9.

    Denies ``policy_denied``, and ``verification_failed`` with 503 where there is no policy to ask.
    """
    decision = attempt.settings.policy.decide(attempt.claims)
    if decision.unavailable:
        deny("policy_not_loaded")
    attempt.rule = decision.rule
    if decision.allow is not True:
        raise Denial("policy", rule=decision.rule)


def requirements(attempt: Attempt) -> None:
    """Step 14, second half: the declared action and scopes are those that this request requires.

    With policy alone, a token for reading could delete. Denies ``policy_denied``.
    """
    reason = attempt.settings.requirements.fault(attempt.claims, attempt.call.line)
    if reason is not None:
        deny(reason)


#: 2100-01-01. Far-off times are a sign of milliseconds taken for seconds.
_LATEST_EXPIRY = 4_102_444_800
_SPACE = re.compile(r"[ \t]")
_RQH = re.compile(r"sha256:[0-9a-f]{64}")
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_REFUSED = {
    UseOutcome.SEEN: "jti_replay",
    UseOutcome.HISTORY_UNKNOWN: "replay_history_unknown",
    UseOutcome.FULL: "replay_store_full",
    UseOutcome.UNAVAILABLE: "replay_store_unavailable",
}

#: Execution order. Labels need not ascend.
# fmt: off
STEPS = (
    Step(None, credentials),                                                      # the header, before any token
    Step(1, structure), Step(2, algorithm), Step(3, payload),                     # read it, trust nothing
    Step(4, trusted_issuer), Step(11, required_claims), Step(11, subject),        # cheap refusals before any network
    Step(5, signing_key), Step(6, signature), Step(7, issuer_scope),              # now the claims are proven
    Step(8, expiry), Step(9, issued_at), Step(10, audience), Step(12, binding),   # this moment, API and request
    Step(13, revocation), Step(13, replay),                                       # a revoked call must not spend its id
    Step(14, policy), Step(14, requirements),
)
# fmt: on
