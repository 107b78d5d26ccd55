"""A policy that follows its file."""

from __future__ import annotations

import os
import threading
from typing import Optional

from ..ports import Logger, Stopwatch, log, monotonic, printable
from ..token.claims import Claims
from .document import DocumentPolicy, load_policy
from .policy import PolicyDecision

# How long a change can go unnoticed, in seconds.
_RECHECK = 2.0
_NOT_LOADED = PolicyDecision(allow=False, unavailable=True)

_Fingerprint = Optional[tuple[int, int, int]]


class PolicyFile:
    """Looks at its file every two seconds, while calls come, and reads it when it has changed.

    Each version is checked whole before it replaces the one before; one with a fault is reported,
    and the one before goes on deciding. Before the first valid version every decision is
    ``unavailable``.
    """

    def __init__(
        self, path: str, *, stopwatch: Stopwatch = monotonic, logger: Logger = log
    ) -> None:
        """Reads the file, and never raises for what is in it or that it is not there."""
        self._path = path
        self._stopwatch = stopwatch
        self._log = logger
        self._lock = threading.Lock()
        #: Held while reading, so that an old version never replaces a newer one.
        self._loading = threading.Lock()
        self._policy: DocumentPolicy | None = None
        self._read: _Fingerprint = None
        self._looked_at = stopwatch()
        self._load()

    def decide(self, claims: Claims) -> PolicyDecision:
        """Whether these claims may pass."""
        self._look()
        policy = self._policy
        return _NOT_LOADED if policy is None else policy.decide(claims)

    def _look(self) -> None:
        now = self._stopwatch()
        with self._lock:
            if now - self._looked_at < _RECHECK:
                return
            self._looked_at = now
        if _fingerprint(self._path) != self._read:
            # The call goes by the version before: it must not wait for a disk.
            threading.Thread(target=self._load, name="oathmesh-policy", daemon=True).start()

    def _load(self) -> None:
        with self._loading:
            found = _fingerprint(self._path)
            try:
                self._policy = load_policy(self._path)
            except (OSError, TypeError) as fault:
                self._log.error("policy %s not loaded: %s", printable(self._path), printable(fault))
            self._read = found


def _fingerprint(path: str) -> _Fingerprint:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
