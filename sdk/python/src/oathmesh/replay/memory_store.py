"""Uses remembered in this process. Spec 7.3."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field

from ..ports import Clock, Stopwatch, monotonic, system_clock
from .record_key import local_key
from .replay_store import PendingClaim, TokenUse, UseOutcome


@dataclass
class _Cohort:
    """Records that lapse in the same second of the stopwatch."""

    #: Unix seconds: no token among them can be accepted by any clock from here on.
    until: int
    keys: list[str] = field(default_factory=list)


class MemoryReplayStore:
    """Defends one process only; a service of several processes needs Redis.

    A full store refuses and never forgets. Tokens issued before the second in which the store was
    made are refused, since whether they were used before is not known. Has no list of revoked
    subjects.
    """

    def __init__(
        self,
        max_entries: int = 200_000,
        *,
        started_at: float | None = None,
        clock: Clock = system_clock,
        stopwatch: Stopwatch = monotonic,
    ) -> None:
        """``started_at`` is Unix seconds; ``max_entries`` bounds the live records held."""
        self._max_entries = max_entries
        self._started_at = math.floor(clock() if started_at is None else started_at)
        self._stopwatch = stopwatch
        self._lock = threading.Lock()
        self._records: set[str] = set()
        #: The same records by the second in which they lapse: a few hundred cohorts at most.
        self._cohorts: dict[int, _Cohort] = {}
        self._swept_at = -math.inf

    def __len__(self) -> int:
        """Records held."""
        return len(self._records)

    def claim(self, use: TokenUse, now: float) -> UseOutcome | PendingClaim:
        """Checks and records a use, at once."""
        if use.issued_at < self._started_at:
            return UseOutcome.HISTORY_UNKNOWN
        key = local_key(use)
        with self._lock:
            elapsed = math.floor(self._stopwatch())
            self._sweep(elapsed, now)
            if key in self._records:
                return UseOutcome.SEEN
            if len(self._records) >= self._max_entries:
                return UseOutcome.FULL
            self._records.add(key)
            until = use.acceptable_until + use.leeway
            cohort = self._cohorts.setdefault(elapsed + _whole_life(use), _Cohort(until))
            cohort.keys.append(key)
            cohort.until = max(cohort.until, until)
            return UseOutcome.FRESH

    def _sweep(self, elapsed: int, now: float) -> None:
        """Forgets the records of which both clocks agree that the token is dead.

        The wall clock alone forgets when it is set forward and back again; the stopwatch alone
        forgets a token that a clock set back brings to life again.
        """
        if elapsed <= self._swept_at:
            return
        self._swept_at = elapsed
        for lapse, cohort in [*self._cohorts.items()]:
            if lapse <= elapsed and cohort.until <= now:
                self._records.difference_update(cohort.keys)
                del self._cohorts[lapse]


def _whole_life(use: TokenUse) -> int:
    """Whole seconds from ``iat - L``, when some clock may first accept a token, to ``exp + 2L``.

    A bound that does not depend on what our clock showed when the token was used.
    """
    return max(1, use.acceptable_until - use.issued_at + 2 * use.leeway) + 1
