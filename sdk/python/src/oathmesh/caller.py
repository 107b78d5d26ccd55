"""Who called."""

from __future__ import annotations

from dataclasses import dataclass

from .token.claims import Claims


@dataclass(frozen=True)
class Caller:
    """Who called and with what declared intent: every claim is proven by the issuer's signature."""

    claims: Claims
    #: The key that signed.
    kid: str
    #: The policy rule that allowed the call; absent with ``ALLOW_ALL``.
    rule: str | None = None
    #: True when the replay store was away and the token passed from the known-good window.
    degraded: bool = False
