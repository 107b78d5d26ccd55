"""Fetching one document, one fetch at a time, and holding back after failures."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Callable

from ..ports import Clock, Later, Random
from .back_off import BackOff
from .fetch_jwk_set import FetchedSet, Get, JwksFault, fetch_jwk_set
from .jwk_set import JwkSet

# Restarts may be ordered at any rate; the fetches they cause begin at least this far apart.
_RESTART_SPACING = 1.0


@dataclass(frozen=True)
class RefresherOptions:
    """What a refresher works with. The callbacks are called with the lock held."""

    get: Get
    url: str
    #: Seconds for one fetch.
    timeout: float
    clock: Clock
    random: Random
    later: Later
    #: The lock of the key set; every method here is called with it held.
    lock: Callable[[], AbstractContextManager[object]]
    #: Called as each fetch begins, with the time of the clock.
    on_start: Callable[[float], None]
    #: Called with every good document and the time at which its fetch began.
    on_document: Callable[[JwkSet, float], None]
    on_fault: Callable[[JwksFault], None]


class Refresher:
    """Fetches in a thread of its own: nobody who asks waits longer than they choose."""

    def __init__(self, options: RefresherOptions) -> None:
        self._options = options
        self._back_off = BackOff(options.random)
        self._flight: Future[None] | None = None
        self._pid = os.getpid()
        self._last: FetchedSet | None = None
        self._started_at = 0.0
        self._restarts = 0
        self._spaced = False
        #: Fetches begun, and those that gave no good document.
        self.fetches = 0
        self.failures = 0

    @property
    def failing(self) -> bool:
        """Whether the last fetch failed."""
        return self._back_off.failures > 0

    @property
    def flight(self) -> Future[None] | None:
        """The fetch that is under way, if any."""
        if self._pid != os.getpid():
            # Threads do not survive a fork.
            self._pid = os.getpid()
            self._flight = None
        return self._flight

    def wait(self, now: float) -> float:
        """Seconds from ``now`` until a failed fetch may be repeated; 0 when one may begin."""
        return self._back_off.wait(now)

    def refresh(self, now: float) -> Future[None] | None:
        """The fetch in flight, begun now if need be; none while holding back."""
        flight = self.flight
        if flight is not None or self.wait(now) > 0:
            return flight
        flight = Future()
        self._flight = flight
        threading.Thread(
            target=self._run, args=(flight,), name="oathmesh-jwks", daemon=True
        ).start()
        return flight

    def restart(self, now: float) -> None:
        """Fetches as soon as the spacing allows; what is in flight is fetched again."""
        self._restarts += 1
        self._spaced = True
        self._back_off.reset()
        self.refresh(now)

    def _run(self, flight: Future[None]) -> None:
        try:
            while not self._attempt():
                pass
        finally:
            with self._options.lock():
                if self._flight is flight:
                    self._flight = None
            flight.set_result(None)

    def _attempt(self) -> bool:
        """One fetch; false when it was restarted meanwhile: the answer may be older than that."""
        options = self._options
        with options.lock():
            pause = self._pause() if self._spaced else 0.0
        if pause > 0:
            resume = threading.Event()
            options.later(resume.set, pause)
            resume.wait()
        with options.lock():
            restarts = self._restarts
            started_at = self._start()
            last = self._last
        outcome: FetchedSet | JwksFault
        try:
            outcome = fetch_jwk_set(options.get, options.url, options.timeout, last)
        except JwksFault as fault:
            outcome = fault
        with options.lock():
            if restarts != self._restarts:
                return False
            self._settle(outcome, started_at)
            # Whoever looks while the callbacks of the flight run must find it landed.
            self._flight = None
            return True

    def _start(self) -> float:
        now = self._options.clock()
        self._started_at = now
        self._spaced = False
        self.fetches += 1
        self._options.on_start(now)
        return now

    def _settle(self, outcome: FetchedSet | JwksFault, started_at: float) -> None:
        if isinstance(outcome, JwksFault):
            self.failures += 1
            self._back_off.fail(self._options.clock())
            self._options.on_fault(outcome)
        else:
            self._back_off.reset()
            self._last = outcome
            self._options.on_document(outcome.keys, started_at)

    def _pause(self) -> float:
        since_start = max(0.0, self._options.clock() - self._started_at)
        return max(0.0, _RESTART_SPACING - since_start)
