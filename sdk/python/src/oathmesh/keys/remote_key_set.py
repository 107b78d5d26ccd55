"""The keys that one issuer publishes at a URL. Spec 5.3."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..lru import BoundedMap
from ..ports import Clock, Later, Logger, Random
from ..token.text import utf16_length
from .fetch_jwk_set import Get, JwksFault
from .jwk import MAX_KID_LENGTH
from .jwk_set import JwkSet
from .key_set import KeySetStats
from .key_set_reports import KeySetReports
from .key_settings import KeySettings
from .key_source import KeyLookup, Missing
from .refresh_budget import RefreshBudget
from .refresher import Refresher, RefresherOptions

_MAX_MISSES = 256
# After so many lifetimes without a call, nothing is fetched until the next one.
_IDLE_LIFETIMES = 10


@dataclass(frozen=True)
class _Document:
    """A good document and its times by the clock."""

    contents: JwkSet
    #: When its fetch began: it may have been outdated by the time it arrived.
    fetched_at: float
    #: From then on it is fetched anew in the background.
    refresh_at: float


@dataclass(frozen=True)
class RemoteKeySetOptions:
    """What a remote key set works with."""

    issuer: str
    url: str
    settings: KeySettings
    get: Get
    clock: Clock
    log: Logger
    random: Random
    later: Later


class RemoteKeySet:
    """Opens nothing before it is asked. Safe to share between threads."""

    def __init__(self, options: RemoteKeySetOptions) -> None:
        settings = options.settings
        self._options = options
        self._rlock = threading.RLock()
        self._pid = os.getpid()
        self._document: _Document | None = None
        #: When each unknown key id was last looked for in vain.
        self._misses: BoundedMap[str, float] = BoundedMap(_MAX_MISSES)
        self._budget = RefreshBudget(settings.refresh_cooldown)
        self._reports = KeySetReports(options.issuer, options.log)
        #: Why the last failed fetch failed.
        self._fault = Missing.UNREACHABLE
        self._used_at = 0.0
        self._timer = False
        self._refresher = Refresher(
            RefresherOptions(
                get=options.get,
                url=options.url,
                timeout=settings.timeout_ms / 1000,
                clock=options.clock,
                random=options.random,
                later=options.later,
                lock=self._lock,
                on_start=self._budget.spend,
                on_document=self._accept,
                on_fault=self._reject,
            )
        )

    def find(self, kid: str) -> KeyLookup | Future[KeyLookup]:
        """At once when the answer is cached, and when asking would not help now."""
        with self._lock():
            now = self._options.clock()
            self._used_at = now
            document = self._current(now)
            if document is None:
                flight = self._refresher.refresh(now)
                return self._fault if flight is None else self._after(flight, kid)
            if now >= document.refresh_at:
                flight = self._refresher.refresh(now)
                expired = now - document.fetched_at >= self._options.settings.ttl
                # Past its lifetime a document serves only while the issuer is known to be failing.
                if flight is not None and expired and not self._refresher.failing:
                    return self._after(flight, kid)
            return document.contents.keys.get(kid) or self._find_unknown(kid, now)

    def prewarm(self) -> Future[None] | None:
        """Begins a first fetch; the future ends with it, well or badly."""
        with self._lock():
            now = self._options.clock()
            self._used_at = now
            return self._refresher.refresh(now) if self._current(now) is None else None

    def purge(self) -> None:
        """Forgets every fetched key at once and fetches again in the background."""
        with self._lock():
            if self._refresher.fetches == 0:
                return
            self._document = None
            self._reports.purge()
            self._refresher.restart(self._options.clock())

    def stats(self) -> KeySetStats:
        """What there is to know from outside."""
        with self._lock():
            now = self._options.clock()
            document = self._current(now)
            return KeySetStats(
                issuer=self._options.issuer,
                source="remote",
                fetches=self._refresher.fetches,
                failures=self._refresher.failures,
                keys=0 if document is None else len(document.contents.keys),
                dropped_keys=0 if document is None else len(document.contents.dropped),
                misses=len(self._misses),
                age=None if document is None else now - document.fetched_at,
            )

    def _lock(self) -> AbstractContextManager[object]:
        if self._pid != os.getpid():
            # Whoever held it at the fork is not there to let it go.
            self._pid = os.getpid()
            self._rlock = threading.RLock()
            self._timer = False
        return self._rlock

    def _current(self, now: float) -> _Document | None:
        """The document held, unless even its stale window is over."""
        document = self._document
        if document is None:
            return None
        if document.fetched_at > now:
            # The clock was set back. A lifetime that starts anew is bounded; waiting for the old
            # one is not.
            return self._keep(document.contents, now)
        settings = self._options.settings
        if now - document.fetched_at >= settings.ttl + settings.stale_if_error:
            self._document = None
        return self._document

    def _keep(self, contents: JwkSet, fetched_at: float) -> _Document:
        settings = self._options.settings
        # About 80 % of the lifetime, spread so that a fleet does not ask as one, but early enough
        # for a whole time-out to end within the lifetime: past it, calls would have to wait.
        spread = settings.ttl * 0.8 * (0.95 + self._options.random() / 10)
        latest = settings.ttl - min(settings.timeout_ms / 1000, settings.ttl / 2)
        document = _Document(contents, fetched_at, fetched_at + min(spread, latest))
        self._document = document
        return document

    def _find_unknown(self, kid: str, now: float) -> KeyLookup | Future[KeyLookup]:
        """A kid that the document does not hold is worth one fetch, if the budget has one."""
        if utf16_length(kid) > MAX_KID_LENGTH or self._was_missed(kid, now):
            return Missing.UNKNOWN_KID
        flight = self._refresher.flight
        if flight is None and self._budget.allows(now):
            flight = self._refresher.refresh(now)
        return Missing.UNKNOWN_KID if flight is None else self._after(flight, kid)

    def _was_missed(self, kid: str, now: float) -> bool:
        missed_at = self._misses.get(kid)
        if missed_at is None:
            return False
        if abs(now - missed_at) < self._options.settings.refresh_cooldown:
            return True
        self._misses.delete(kid)
        return False

    def _after(self, flight: Future[None], kid: str) -> Future[KeyLookup]:
        answer: Future[KeyLookup] = Future()

        def land(_flight: Future[None]) -> None:
            # Whoever waited may have given up.
            if answer.set_running_or_notify_cancel():
                answer.set_result(self._find_after_flight(kid))

        flight.add_done_callback(land)
        return answer

    def _find_after_flight(self, kid: str) -> KeyLookup:
        with self._lock():
            now = self._options.clock()
            document = self._current(now)
            if document is None:
                return self._fault
            key = document.contents.keys.get(kid)
            if key is not None:
                return key
            if not self._refresher.failing and utf16_length(kid) <= MAX_KID_LENGTH:
                self._misses.set(kid, now)
            return Missing.UNKNOWN_KID

    def _accept(self, contents: JwkSet, started_at: float) -> None:
        self._keep(contents, started_at)
        self._reports.document(contents)
        self._arm()

    def _reject(self, fault: JwksFault) -> None:
        now = self._options.clock()
        document = self._current(now)
        self._fault = fault.found
        held = 0 if document is None else len(document.contents.keys)
        self._reports.fault(fault, held, self._refresher.wait(now))
        self._arm()

    def _arm(self) -> None:
        """Sets the one timer that refreshes ahead of use."""
        if self._timer:
            return
        self._timer = True
        now = self._options.clock()
        document = self._current(now)
        due_at = now if document is None else document.refresh_at
        self._options.later(self._tick, max(0.0, due_at - now, self._refresher.wait(now)))

    def _tick(self) -> None:
        with self._lock():
            now = self._options.clock()
            self._timer = False
            if now - self._used_at > _IDLE_LIFETIMES * self._options.settings.ttl:
                return
            document = self._current(now)
            is_due = document is None or now >= document.refresh_at
            # The end of the fetch sets the timer again.
            if not is_due or self._refresher.refresh(now) is None:
                self._arm()
