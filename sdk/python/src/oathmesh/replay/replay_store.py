"""What the steps ask about uses of tokens. Spec 7.1."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum
from typing import Callable, Protocol


@dataclass(frozen=True)
class TokenUse:
    """One use of one token. Times are Unix seconds."""

    issuer: str
    token_id: str
    subject: str
    issued_at: int
    #: From this instant on the token is refused as expired: ``exp`` plus the leeway.
    acceptable_until: int
    #: Seconds by which the clock of another verifier may differ from ours.
    leeway: int
    #: The whole token, for stores that keep a digest of what they have verified.
    token: str = field(repr=False)
    #: Keeps what one verifier has seen apart from the others: audience and entity.
    realm: str = ""


class UseOutcome(Enum):
    """What became of a claim."""

    #: Recorded now, never seen before.
    FRESH = "fresh"
    #: The store is away; this process itself verified this token a moment ago.
    KNOWN_GOOD = "known_good"
    #: Recorded before.
    SEEN = "seen"
    #: The subject is on the list.
    REVOKED = "revoked"
    #: The token is older than the store's memory.
    HISTORY_UNKNOWN = "history_unknown"
    #: Not recorded; nothing is known.
    FULL = "full"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class PendingClaim:
    """A claim that has to be waited for."""

    answer: Future[UseOutcome]
    #: Seconds to wait; then ``give_up`` says what the outcome is.
    timeout: float
    give_up: Callable[[], UseOutcome]


class ReplayStore(Protocol):
    """Checks and records a use in one atomic operation. Raises only for programming errors."""

    def claim(self, use: TokenUse, now: float) -> UseOutcome | PendingClaim:
        """``now`` is Unix seconds with a fraction, the call's one clock reading."""
        ...
