"""What the verifier and the client touch outside their own memory."""

from __future__ import annotations

import logging
import threading
import time
from typing import Callable, Protocol

#: Wall clock: Unix seconds with a fraction.
Clock = Callable[[], float]
#: Monotonic seconds: for durations and deadlines, never for claims.
Stopwatch = Callable[[], float]
#: Uniform in [0, 1), for jitter only.
Random = Callable[[], float]
#: Runs something once, after a delay in seconds.
Later = Callable[[Callable[[], None], float], None]

system_clock: Clock = time.time
monotonic: Stopwatch = time.monotonic

#: Lines for the operator. They may hold text that came from a peer, escaped and bounded.
log = logging.getLogger("oathmesh")

_LONGEST = 500


class Logger(Protocol):
    """The part of ``logging.Logger`` that is used."""

    def info(self, msg: str, /, *args: object) -> None:
        """Something changed for the better."""

    def warning(self, msg: str, /, *args: object) -> None:
        """Something the operator should look at."""

    def error(self, msg: str, /, *args: object) -> None:
        """Something the operator must mend."""


def daemon_timer(run: Callable[[], None], delay: float) -> None:
    """A timer that does not keep the process alive."""
    timer = threading.Timer(min(delay, threading.TIMEOUT_MAX), run)
    timer.daemon = True
    timer.start()


def printable(value: object) -> str:
    """Text in which no character acts on whoever displays it, bounded."""
    text = str(value)[:_LONGEST]
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
