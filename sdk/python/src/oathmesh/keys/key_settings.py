"""Settings about keys, in the words of the gateway's configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TrustedIssuer:
    """One trusted issuer."""

    #: Compared with ``iss``, character for character.
    issuer: str
    #: Where its keys are; absent means ``{issuer}/.well-known/jwks.json``.
    jwks_uri: str | None = None
    #: A JWK set given here, as JSON value or text; then nothing is fetched.
    jwks: object | None = field(default=None, repr=False)
    #: Globs of the subjects this issuer may speak for; absent means all.
    subjects: tuple[str, ...] | None = None


@dataclass(frozen=True)
class KeySettings:
    """How JWK sets are fetched and cached. Raises ``ValueError`` that names the field."""

    #: Seconds for which a fetched document is fresh. At least 1.
    ttl: float = 60
    #: Seconds for which the last good document serves beyond that when the issuer is away.
    stale_if_error: float = 600
    #: Seconds per refresh that unknown key ids can cause, with a burst of two. At least 1.
    refresh_cooldown: float = 30
    #: Bound on one whole fetch, in milliseconds.
    timeout_ms: float = 5000
    #: Accept ``http:`` URLs. For development.
    allow_http: bool = False
    #: PEM file of additional certificate authorities.
    ca_file: str | None = None

    def __post_init__(self) -> None:
        _at_least(1, self.ttl, "keys.ttl")
        _at_least(0, self.stale_if_error, "keys.stale_if_error")
        _at_least(1, self.refresh_cooldown, "keys.refresh_cooldown")
        _at_least(1, self.timeout_ms, "keys.timeout_ms")


def _at_least(minimum: int, value: int | float, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name}: must be a number")
    if not math.isfinite(value) or value < minimum:
        raise ValueError(f"{name}: must be a number of at least {minimum}")
