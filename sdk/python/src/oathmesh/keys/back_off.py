"""When to try again after failures."""

from __future__ import annotations

from ..ports import Random

_FIRST = 1.0
_LONGEST = 15.0


class BackOff:
    """1, 2, 4, … at most 15 seconds, each shortened at random by up to a half.

    A fleet does not come back as one then.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        #: Failures in a row.
        self.failures = 0
        self._failed_at = 0.0
        self._retry_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds from ``now`` until the next attempt is due; 0 when it is."""
        # A clock that was set back must not turn seconds of waiting into hours.
        if now < self._failed_at:
            return 0.0
        return max(0.0, self._retry_at - now)

    def fail(self, now: float) -> None:
        """Takes note of a failure."""
        ceiling = min(_LONGEST, _FIRST * 2.0 ** min(self.failures, 10))
        self.failures += 1
        self._failed_at = now
        self._retry_at = now + ceiling * (1 - self._random() / 2)

    def reset(self) -> None:
        """Takes note of a success."""
        self.failures = 0
        self._retry_at = 0.0
