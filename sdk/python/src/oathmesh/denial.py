"""Refusals: one table from which every answer to a client is made. Spec 3."""

from __future__ import annotations

from typing import NamedTuple, NoReturn


class Refusal(NamedTuple):
    """What a caller, an operator and a log line each get to know of one cause of refusal."""

    #: Machine-readable, part of the contract with callers.
    code: str
    #: 400, 401, 403, 413 or 503.
    status: int
    #: Constant text: no claim value, URL or driver message ever reaches a client.
    message: str
    #: What the caller, or whoever runs the service, can do about it.
    fix: str


_MINT = "Mint a new token and send it once."
_MALFORMED = "The token is not a well-formed om+jwt."
_FORMAT = "Mint the token with an OathMesh issuer, CLI or SDK and send it unchanged."
_UNTRUSTED = "The token was not issued by an issuer this API trusts."
_TRUST = "Use an issuer that the operator of this API has configured, and a key it publishes."
_ALGORITHM = "Sign with EdDSA over Ed25519 and a key published for it."
_HEADER = 'Send exactly one header "Authorization: OathMesh <token>".'
_RETRY = "Retry after the time in Retry-After; mint a new token if this one has expired."
_BINDING = "Compute rqh over this exact request, in the mode this API uses, and mint again."
_SHORTER = "Mint a token that lives at most five minutes."
_TOO_LONG = "The token lives longer than this API accepts."
_GRAMMAR = "Use agent://, svc://, job://, tool:// or user:// and the characters A–Z a–z 0–9 / _ . -"


def _claim(name: str) -> Refusal:
    return Refusal(
        f"claim_missing:{name}",
        401,
        f'The token lacks the required claim "{name}".',
        f'Mint the token with a non-empty "{name}".',
    )


# The key is the stable word that an audit line gives as `reason`.
# fmt: off
REFUSALS = {
    # Before step 1: the header
    "authorization_missing":    Refusal("claim_missing:token", 401, "The request carries no OathMesh token.", _HEADER),
    "authorization_ambiguous":  Refusal("claim_missing:token", 401, "The request carries more than one Authorization value.", _HEADER),
    "scheme_unsupported":       Refusal("claim_missing:token", 401, "The Authorization scheme is not OathMesh.", _HEADER),
    "hop_by_hop_identity":      Refusal("verification_failed", 400, "The Connection header names a header that must stay.", "Name no identity, authorization or framing header in Connection."),
    "too_many_headers":         Refusal("verification_failed", 400, "The request has too many headers.", "Send fewer than 1000 header fields."),

    # Steps 1-3: the token
    "token_too_long":           Refusal("token_malformed", 401, "The token is longer than this API accepts.", "Mint a token with fewer or shorter claims."),
    "segment_count":            Refusal("token_malformed", 401, _MALFORMED, _FORMAT),
    "header_encoding":          Refusal("token_malformed", 401, _MALFORMED, _FORMAT),
    "header_json":              Refusal("token_malformed", 401, _MALFORMED, _FORMAT),
    "alg_none":                 Refusal("algorithm_not_allowed", 401, "Unsigned tokens are not accepted.", _ALGORITHM),
    "alg_unsupported":          Refusal("algorithm_not_allowed", 401, "The signature algorithm is not accepted.", _ALGORITHM),
    "typ_mismatch":             Refusal("token_malformed", 401, "The token type is not om+jwt.", _FORMAT),
    "crit_present":             Refusal("token_malformed", 401, "The token uses a critical header extension.", _FORMAT),
    "payload_encoding":         Refusal("token_malformed", 401, _MALFORMED, _FORMAT),
    "payload_json":             Refusal("token_malformed", 401, _MALFORMED, _FORMAT),

    # Steps 4, 11, 5-7: who signed it
    "issuer_unknown":           Refusal("issuer_untrusted", 401, _UNTRUSTED, _TRUST),
    "sub_missing":              _claim("sub"),
    "aud_missing":              _claim("aud"),
    "act_missing":              _claim("act"),
    "iat_missing":              _claim("iat"),
    "exp_missing":              _claim("exp"),
    "jti_missing":              _claim("jti"),
    "subject_grammar":          Refusal("claim_missing:sub", 401, "The subject is not of the form scheme://name.", _GRAMMAR),
    "kid_missing":              Refusal("issuer_untrusted", 401, _UNTRUSTED, _TRUST),
    "kid_unknown":              Refusal("issuer_untrusted", 401, _UNTRUSTED, _TRUST),
    "jwks_invalid":             Refusal("issuer_untrusted", 401, _UNTRUSTED, _TRUST),
    "issuer_unreachable":       Refusal("verification_failed", 503, "The keys of the issuer are not available.", _RETRY),
    "alg_key_mismatch":         Refusal("algorithm_not_allowed", 401, "The signature algorithm does not fit the key.", _ALGORITHM),
    "signature_encoding":       Refusal("signature_invalid", 401, "The signature does not verify.", _FORMAT),
    "bad_signature":            Refusal("signature_invalid", 401, "The signature does not verify.", _FORMAT),
    "issuer_not_for_subject":   Refusal("issuer_untrusted", 401, "The issuer is not trusted for this subject.", _TRUST),

    # Steps 8-10, 12: is it meant for this moment, this API, this request
    "exp_out_of_range":         Refusal("token_expired", 401, _TOO_LONG, _SHORTER),
    "lifetime_too_long":        Refusal("token_expired", 401, _TOO_LONG, _SHORTER),
    "lifetime_not_positive":    Refusal("token_expired", 401, "The token expires before it was issued.", _MINT),
    "expired":                  Refusal("token_expired", 401, "The token has expired.", _MINT),
    "issued_in_future":         Refusal("token_expired", 401, "The token was issued in the future.", "Synchronise the clock of the issuer, then mint a new token."),
    "not_yet_valid":            Refusal("token_expired", 401, "The token is not valid yet.", "Wait until its nbf, or synchronise the clock of the issuer."),
    "audience_mismatch":        Refusal("audience_mismatch", 401, "The token is meant for another audience.", "Mint the token for the audience of this API."),
    "binding_required":         Refusal("binding_required", 401, "This API accepts only tokens bound to the request.", "Mint the token with rqh for this request."),
    "binding_mismatch":         Refusal("binding_mismatch", 401, "The token is bound to another request.", _BINDING),
    "binding_syntax":           Refusal("binding_mismatch", 401, "The request binding of the token is malformed.", _BINDING),
    "binding_off":              Refusal("binding_mismatch", 401, "This API cannot check the request binding of the token.", "Mint the token without rqh, or ask the operator to switch request binding on."),
    "body_unreadable":          Refusal("binding_mismatch", 401, "The request body could not be read for the binding.", _BINDING),
    "body_over_limit":          Refusal("binding_mismatch", 413, "The request body is larger than this API binds.", "Send a smaller body, or a token without rqh where binding is not required."),

    # Step 13: may it still be used
    "subject_revoked":          Refusal("subject_revoked", 403, "The subject has been revoked.", "Ask the operator of this API to lift the revocation."),
    "jti_replay":               Refusal("replay_detected", 401, "The token has been used before.", _MINT),
    "replay_history_unknown":   Refusal("verification_failed", 401, "Whether the token has been used before is not known.", _MINT),
    "replay_store_full":        Refusal("verification_failed", 503, "The token cannot be checked for replay now.", _RETRY),
    "replay_store_unavailable": Refusal("verification_failed", 503, "The token cannot be checked for replay now.", _RETRY),

    # Step 14: may it do this
    "policy":                   Refusal("policy_denied", 403, "Policy does not allow this call.", "Ask the operator of this API for a rule that allows it."),
    "policy_not_loaded":        Refusal("verification_failed", 503, "The policy of this API is not available.", _RETRY),
    "action_mismatch":          Refusal("policy_denied", 403, "The action of the token does not fit this request.", "Mint the token for the action that this route requires."),
    "scope_missing":            Refusal("policy_denied", 403, "The token lacks a scope that this request requires.", "Mint the token with the scopes that this route requires."),

    # Any step
    "deadline_exceeded":        Refusal("verification_failed", 503, "The token could not be verified in time.", _RETRY),
    "internal_error":           Refusal("verification_failed", 401, "The token could not be verified.", "Mint a new token; if that does not help, give the operator the request_id."),
}
# fmt: on


class Denial(Exception):
    """One refusal. Steps raise it; it never leaves ``verify`` as an exception.

    ``detail`` is for the operator's log only and may hold claim values, never a token or a key.
    """

    def __init__(
        self,
        reason: str,
        detail: str | None = None,
        *,
        rule: str | None = None,
        step: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.refusal = REFUSALS[reason]
        self.reason = reason
        self.detail = detail
        #: The policy rule that decided.
        self.rule = rule
        #: The protocol's label, 1-14; absent for what is refused before step 1.
        self.step = step

    @classmethod
    def of(cls, thrown: BaseException, step: int | None = None) -> Denial:
        """What was raised, as a refusal of this step. An unknown fault refuses like any other."""
        if not isinstance(thrown, Denial):
            denial = cls("internal_error", step=step)
            denial.__cause__ = thrown
            return denial
        if thrown.step is None:
            thrown.step = step
        # Frames hold the token, and a refusal may be kept for long.
        thrown.__traceback__ = thrown.__context__ = None
        return thrown

    @property
    def code(self) -> str:
        """The word that callers match on."""
        return self.refusal.code

    @property
    def status(self) -> int:
        """HTTP status of the answer."""
        return self.refusal.status

    @property
    def message(self) -> str:
        """Constant text for the client."""
        return self.refusal.message

    @property
    def fix(self) -> str:
        """What the caller, or the operator, can do about it."""
        return self.refusal.fix

    @property
    def audit_reason(self) -> str:
        """The word for an audit line; ``policy:<rule>`` where a rule decided."""
        return f"policy:{self.rule}" if self.reason == "policy" else self.reason


def deny(reason: str, detail: str | None = None) -> NoReturn:
    """Refuses. ``detail`` is for the operator only."""
    raise Denial(reason, detail)
