"""A few tokens that differ in nothing but their id, so that calls need not wait for the issuer."""

from __future__ import annotations

import os
import threading

from ..ports import Clock, system_clock
from .mint_error import MintError
from .token_source import MintedToken, TokenRequest, TokenSource

# A token that would expire sooner than this is not worth sending: clocks differ and requests queue.
_LEAST_REMAINING = 10.0


class TokenPool:
    """Each token is handed out once.

    Refilled when one is taken, never by a timer: an idle process stays idle.
    """

    def __init__(
        self, source: TokenSource, request: TokenRequest, size: int, clock: Clock = system_clock
    ) -> None:
        self._source = source
        self._request = request
        self._size = size
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._ready: list[MintedToken] = []
        self._coming = 0
        self._pid = os.getpid()

    def take(self) -> str:
        """A token that nobody else gets. Raises ``MintError``."""
        if self._pid != os.getpid():
            # After a fork both processes would hand out the same tokens.
            self._begin()
        with self._lock:
            self._drop_stale()
            taken = self._ready.pop(0) if self._ready else None
            missing = self._size - len(self._ready) - self._coming
            self._coming += max(0, missing)
        for _ in range(missing):
            threading.Thread(target=self._fill, name="oathmesh-mint", daemon=True).start()
        return (taken or self._source.mint(self._request)).token

    def clear(self) -> None:
        """Forgets what is held: verifiers do not take tokens as old as these any more."""
        with self._lock:
            self._ready = []

    def _drop_stale(self) -> None:
        margin = min(_LEAST_REMAINING, self._request.ttl / 2)
        now = self._clock()
        self._ready = [minted for minted in self._ready if minted.expires_at - margin > now]

    def _fill(self) -> None:
        minted = None
        try:
            minted = self._source.mint(self._request)
        except (MintError, TypeError):
            # The next call that finds nothing ready asks itself and hears why.
            pass
        finally:
            with self._lock:
                self._coming -= 1
                if minted is not None:
                    self._ready.append(minted)
