"""The tokens this process has itself found fresh a moment ago."""

from __future__ import annotations

import hashlib
import math
import threading

from ..lru import BoundedMap
from ..ports import Stopwatch
from ..token.text import utf8
from .replay_store import TokenUse


class KnownGood:
    """Bounded; when it is full the oldest are forgotten, which refuses more and never less."""

    def __init__(self, stopwatch: Stopwatch, max_entries: int = 100_000) -> None:
        """``stopwatch`` is monotonic: a wall clock that is set back would open a window anew."""
        self._stopwatch = stopwatch
        self._lock = threading.Lock()
        #: Reading of the stopwatch at the verification, by digest of realm and token.
        self._verified_at: BoundedMap[bytes, float] = BoundedMap(max_entries)

    def add(self, use: TokenUse) -> bool:
        """False when the token is known already; its window is not renewed."""
        name = _digest_of(use)
        with self._lock:
            if self._verified_at.get(name) is not None:
                return False
            self._verified_at.set(name, self._stopwatch())
            return True

    def strike(self, use: TokenUse) -> None:
        """Shuts the window of a token, for good, and opens none later.

        That it has been used is not forgotten, whatever Redis forgets. Also of one that was never
        known here: all its uses may have been refused for want of an answer.
        """
        with self._lock:
            self._verified_at.set(_digest_of(use), -math.inf)

    def shut(self, use: TokenUse) -> None:
        """Shuts the window of a token that is known here.

        One that is not may be in the middle of becoming so: the answer that it is fresh has
        come, to another thread.
        """
        name = _digest_of(use)
        with self._lock:
            if self._verified_at.get(name) is not None:
                self._verified_at.set(name, -math.inf)

    def has(self, use: TokenUse, window: float) -> bool:
        """Whether the token was verified less than ``window`` seconds ago and not struck since."""
        with self._lock:
            verified_at = self._verified_at.get(_digest_of(use))
        return verified_at is not None and self._stopwatch() - verified_at < window


def _digest_of(use: TokenUse) -> bytes:
    """Of the whole token: an id alone could be borrowed by one that was never verified here."""
    return hashlib.sha256(utf8(f"{use.realm}\0{use.token}")).digest()
