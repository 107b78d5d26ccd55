"""How many fetches unknown key ids may cause."""

from __future__ import annotations

_BURST = 2.0


class RefreshBudget:
    """A token bucket of two that regains one per cooldown (seconds).

    Every fetch draws on it, whatever its cause; only those for unknown key ids are held up by it.
    """

    def __init__(self, cooldown: float) -> None:
        self._cooldown = cooldown
        self._level = _BURST
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Whether one more fetch fits."""
        self._refill(now)
        return self._level >= 1

    def spend(self, now: float) -> None:
        """Takes note of a fetch."""
        self._refill(now)
        self._level = max(0.0, self._level - 1)

    def _refill(self, now: float) -> None:
        # A clock that was set back adds nothing.
        elapsed = max(0.0, now - self._at)
        self._level = min(_BURST, self._level + elapsed / self._cooldown)
        self._at = now
