"""Makes tokens, each for one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ..token.claims import Source


@dataclass(frozen=True)
class TokenRequest:
    """What one token is to say. Times are seconds. Spec 1.3, 13.2."""

    audience: str
    action: str
    #: Absent where the issuer takes it from the credential.
    subject: str | None = None
    #: 1-300.
    ttl: int = 120
    scope: tuple[str, ...] | None = None
    reason: str | None = None
    env: str | None = None
    tenant: str | None = None
    source: Source | None = None
    #: The value of ``request_hash`` for the one request it is for.
    request_hash: str | None = None

    def members(self) -> dict[str, object]:
        """The claims that a request and a token share; what is unset is left out."""
        source = None
        if self.source is not None:
            source = {name: text for name, text in vars(self.source).items() if text is not None}
        members: dict[str, object] = {
            "sub": self.subject,
            "aud": self.audience,
            "act": self.action,
            "scope": None if self.scope is None else list(self.scope),
            "reason": self.reason,
            "env": self.env,
            "tenant": self.tenant,
            "src": source,
            "rqh": self.request_hash,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True)
class MintedToken:
    """A token, and when it expires by this machine's clock: Unix seconds."""

    token: str = field(repr=False)
    expires_at: float = 0.0


class TokenSource(Protocol):
    """Raises ``MintError`` when there is no token to have."""

    def mint(self, request: TokenRequest) -> MintedToken:
        """One token."""
        ...
