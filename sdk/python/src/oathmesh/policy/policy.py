"""What a policy is to the verifier."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..token.claims import Claims


class PolicyDecision(NamedTuple):
    """Whether a call may pass."""

    allow: bool
    #: Name of the rule that decided, ``default`` when none matched; absent with ``ALLOW_ALL``.
    rule: str | None = None
    #: There is no policy to ask: the call is refused because of us, and not because of a rule.
    unavailable: bool = False


class Policy(Protocol):
    """Decides on proven claims alone, without I/O."""

    def decide(self, claims: Claims) -> PolicyDecision:
        """Whether these claims may pass."""
        ...


class _AllowAll:
    def decide(self, _claims: Claims) -> PolicyDecision:
        return PolicyDecision(allow=True)


#: The explicit choice that every verified caller may pass.
ALLOW_ALL: Policy = _AllowAll()
