"""The keys of one issuer."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from .jwk_set import JwkSet, parse_jwk_set, read_jwk_set
from .key_settings import TrustedIssuer
from .key_source import KeyLookup, Missing


@dataclass(frozen=True)
class KeySetStats:
    """Counters since the process started, and what is held now."""

    issuer: str
    #: ``inline`` or ``remote``.
    source: str
    fetches: int
    #: Fetches that gave no good document.
    failures: int
    #: Usable keys held now, stale ones included.
    keys: int
    #: Unusable keys in the document held now.
    dropped_keys: int
    #: Unknown key ids remembered now; bounded.
    misses: int
    #: Seconds since the fetch of the document held now began; absent without one.
    age: float | None = None


class KeySet(Protocol):
    """Never raises for anything the issuer or a caller does."""

    def find(self, kid: str) -> KeyLookup | Future[KeyLookup]:
        """At once when the answer is cached, and when asking would not help now."""
        ...

    def prewarm(self) -> Future[None] | None:
        """Begins a first fetch; the future ends with it, well or badly."""
        ...

    def purge(self) -> None:
        """Forgets every fetched key at once and fetches again in the background."""

    def stats(self) -> KeySetStats:
        """What there is to know from outside."""
        ...


class InlineKeySet:
    """Keys that stand in the configuration. Nothing is fetched and nothing expires."""

    def __init__(self, trusted: TrustedIssuer, field: str = "issuers[]") -> None:
        """Raises ``TypeError`` that names ``{field}.jwks`` when any entry cannot be used."""
        self._issuer = trusted.issuer
        self._set = _read_inline(trusted.jwks, f"{field}.jwks")

    def find(self, kid: str) -> KeyLookup | Future[KeyLookup]:
        """Always at once."""
        return self._set.keys.get(kid) or Missing.UNKNOWN_KID

    def prewarm(self) -> Future[None] | None:
        """Nothing to fetch."""
        return None

    def purge(self) -> None:
        """Nothing to forget."""

    def stats(self) -> KeySetStats:
        """What there is to know from outside."""
        keys, dropped = self._set
        return KeySetStats(self._issuer, "inline", 0, 0, len(keys), len(dropped), 0)


def _read_inline(jwks: object, field: str) -> JwkSet:
    try:
        jwk_set = parse_jwk_set(jwks) if isinstance(jwks, (str, bytes)) else read_jwk_set(jwks)
    except TypeError as fault:
        raise TypeError(f"{field}: {fault}") from None
    if jwk_set.dropped:
        raise TypeError(f"{field}: {jwk_set.dropped[0]}")
    if not jwk_set.keys:
        raise TypeError(f"{field}: has no key")
    return jwk_set
