"""What the steps ask about keys."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Union

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@dataclass(frozen=True)
class VerificationKey:
    """A key that may verify signatures of one issuer."""

    kid: str
    key: Ed25519PublicKey
    #: ``alg`` of the JWK when it has one; step 6 compares it with the token's.
    alg: str | None = None


class Missing(Enum):
    """Why there is no key."""

    #: The issuer's document is good and does not hold it.
    UNKNOWN_KID = "kid_unknown"
    #: The issuer answered with something that is not a usable JWK set.
    INVALID_DOCUMENT = "jwks_invalid"
    #: No answer from the issuer and nothing cached.
    UNREACHABLE = "issuer_unreachable"


KeyLookup = Union[VerificationKey, Missing]


class KeySource(Protocol):
    """The keys of the configured issuers. Never raises for anything an issuer or caller does."""

    def find(self, issuer: str, kid: str) -> KeyLookup | Future[KeyLookup]:
        """At once when the answer is cached, which is every call but the first few."""
        ...
