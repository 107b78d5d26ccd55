"""Who was found revoked lately: for when the list cannot be asked. Spec 8.2."""

from __future__ import annotations

import threading

from ..lru import BoundedMap
from ..ports import Stopwatch

#: The hash that issuers write: field = subject, value = the time of revocation in RFC 3339.
REVOCATIONS_KEY = "oathmesh:revocations"

# How long a finding outlives the last answer: as long as the longest known-good window.
_REMEMBERED = 60
_MAX_SUBJECTS = 100_000


class RevokedSubjects:
    """Holds no findings to the contrary, since every healthy claim asks anew."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        """``stopwatch`` is monotonic: a wall clock that is set would make it forget."""
        self._stopwatch = stopwatch
        self._lock = threading.Lock()
        #: Reading of the stopwatch at the latest answer, by subject.
        self._found_at: BoundedMap[str, float] = BoundedMap(_MAX_SUBJECTS)

    def add(self, subject: str) -> None:
        """The list has said that this subject is revoked."""
        with self._lock:
            self._found_at.set(subject, self._stopwatch())

    def remove(self, subject: str) -> None:
        """The list has just said that it is not. A late answer says so of the past only."""
        with self._lock:
            self._found_at.delete(subject)

    def has(self, subject: str) -> bool:
        """Whether the subject was found revoked in the last minute."""
        with self._lock:
            found_at = self._found_at.get(subject)
        return found_at is not None and self._stopwatch() - found_at < _REMEMBERED
