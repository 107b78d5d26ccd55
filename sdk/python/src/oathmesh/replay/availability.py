"""Whether Redis is known to be away. Design 4, row "Redis away"."""

from __future__ import annotations

import threading
from enum import Enum
from typing import Callable

from ..ports import Logger, Random, Stopwatch

# So long without any answer, in so many moments of our own choosing, is silence.
_SILENCE = 1.0
_MOMENTS = 3
# Pauses between probes, in seconds: the first, while nothing is known yet; the longest.
_FIRST_PAUSE = 0.05
_KNOWN_PAUSE = 0.25
_LONGEST_PAUSE = 30.0
# While calls come, so often at least it is looked whether Redis is back.
_NUDGE = 1.0


class Probe(Enum):
    """What became of one attempt to reach Redis."""

    ANSWERED = "answered"
    SILENT = "silent"
    LOST = "lost"


class Availability:
    """Away means: the connection is lost and no new one can be had, or silence over time.

    Callers cannot bring it about: neither their number nor their tokens count, only probes of our
    own. Probes run while there is a doubt, in a thread of their own, and never otherwise.
    """

    def __init__(
        self, probe: Callable[[], Probe], stopwatch: Stopwatch, random: Random, log: Logger
    ) -> None:
        """``probe`` returns within seconds; it is never called twice at the same time."""
        self._probe = probe
        self._stopwatch = stopwatch
        self._random = random
        self._log = log
        self._lock = threading.Lock()
        self._probing = threading.Lock()
        self._wake = threading.Event()
        self._answered_at = stopwatch()
        self._probed_at = stopwatch()
        self._watching = False
        self._closed = False
        self.away = False

    def answered(self) -> None:
        """Redis has said something, whatever it was."""
        self._answered_at = self._stopwatch()
        if self.away:
            self._enter(away=False)

    def unanswered(self, since: float) -> None:
        """A question put at ``since`` has found no answer in time; silence is now looked into."""
        if self._answered_at < since:
            self._watch(since)

    def lost(self) -> None:
        """A connection has gone: looks at once whether a new one can be had."""
        failed_at = self._stopwatch()
        with self._probing:
            if self._closed or self.away or self._answered_at > failed_at:
                return
            outcome = self._probe_once()
        if outcome is Probe.LOST:
            self._enter(away=True)
        if outcome is not Probe.ANSWERED:
            self._watch(failed_at)

    def nudge(self) -> None:
        """A call would like Redis to be back."""
        if self._stopwatch() - self._probed_at >= _NUDGE:
            self._wake.set()

    def close(self) -> None:
        """Ends the probing; returns when no probe is under way any more."""
        self._closed = True
        self._wake.set()
        with self._probing:
            pass

    def _watch(self, since: float) -> None:
        with self._lock:
            if self._watching or self._closed:
                return
            self._watching = True
        threading.Thread(
            target=self._run, args=(since,), name="oathmesh-redis-probe", daemon=True
        ).start()

    def _run(self, since: float) -> None:
        moments = 0
        pause = _FIRST_PAUSE
        while True:
            with self._probing:
                if self._closed:
                    return
                outcome = self._probe_once()
            if outcome is Probe.SILENT:
                moments += 1
            silent_for = self._stopwatch() - max(since, self._answered_at)
            if outcome is Probe.LOST or (moments >= _MOMENTS and silent_for >= _SILENCE):
                self._enter(away=True)
            with self._lock:
                if self._closed or (self._answered_at > since and not self.away):
                    self._watching = False
                    return
            if self.away:
                pause = min(max(_KNOWN_PAUSE, pause * 2), _LONGEST_PAUSE)
            self._wake.wait(pause * (1 - self._random() / 2))
            self._wake.clear()

    def _probe_once(self) -> Probe:
        outcome = self._probe()
        self._probed_at = self._stopwatch()
        if outcome is Probe.ANSWERED:
            self.answered()
        return outcome

    def _enter(self, *, away: bool) -> None:
        with self._lock:
            if self.away == away:
                return
            self.away = away
        if away:
            self._log.warning("Redis is away; new tokens are refused until it is back")
        else:
            self._log.info("Redis is back")
