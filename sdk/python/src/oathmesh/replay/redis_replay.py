"""One Redis as seen by one process: connections, and all that was learnt from it."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from ..ports import (
    Clock,
    Logger,
    Random,
    Stopwatch,
    log,
    monotonic,
    printable,
    system_clock,
)
from ..revocation.revoked_subjects import RevokedSubjects
from .availability import Availability, Probe
from .epoch import Epoch, EpochUnsettled
from .known_good import KnownGood
from .record_key import KEY_FORMATS
from .redis_connection import (
    RedisAway,
    RedisConnection,
    RedisRefused,
    RedisSilent,
    RedisWarnings,
)
from .redis_settings import RedisSettings

if TYPE_CHECKING:
    from .redis_store import RedisReplayStore

_EPOCH_KEY = "oathmesh:replay:epoch"
# A peer that has vanished without a word is found out by its silence, long before TCP would. A late
# answer still counts, so this is much longer than anybody waits.
_SHORTEST_SILENCE = 1.0
_PROBE_SILENCE = 0.3
# The same fault is told the operator so often at most, in seconds.
_TOLD_AGAIN = 30.0


@dataclass(frozen=True)
class RedisPorts:
    """What only tests replace."""

    clock: Clock = system_clock
    stopwatch: Stopwatch = monotonic
    random: Random = random.random
    log: Logger = log


class RedisReplay:
    """Shared by every verifier of a process that uses this Redis. Opens nothing before it is asked.

    Survives a fork: the child begins with connections of its own.
    """

    def __init__(
        self,
        redis: str | RedisSettings,
        *,
        max_connections: int = 16,
        ports: RedisPorts | None = None,
    ) -> None:
        """``redis`` is a URL or settings. Raises ``TypeError`` with the field that cannot work."""
        self.settings = RedisSettings.from_url(redis) if isinstance(redis, str) else redis
        self.ports = ports or RedisPorts()
        self._max_connections = max_connections
        self._warnings = RedisWarnings(self.ports.log)
        self._told: dict[str, float] = {}
        self._begin()

    def _begin(self) -> None:
        ports = self.ports
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._local = threading.local()
        self._connections: list[RedisConnection] = []
        self._workers: ThreadPoolExecutor | None = None
        self._probe_connection: RedisConnection | None = None
        self.epoch = Epoch(_EPOCH_KEY, ports.clock, ports.log)
        self.known_good = KnownGood(ports.stopwatch)
        self.revoked = RevokedSubjects(ports.stopwatch)
        self.availability = Availability(self._probe, ports.stopwatch, ports.random, ports.log)

    def store(
        self,
        *,
        key_format: str = "hashed",
        revocation: bool = True,
        known_good_window: float = 60,
    ) -> RedisReplayStore:
        """The store for one verifier.

        ``revocation`` asks with every claim whether the subject is in the hash
        ``oathmesh:revocations``. ``known_good_window`` is 0-60 seconds for which a token that this
        process has verified is accepted again while Redis is away; 0 for not at all. Raises
        ``TypeError`` that names the choice.
        """
        # Each knows the other; a store is nothing without its Redis.
        from .redis_store import RedisReplayStore

        if key_format not in KEY_FORMATS:
            raise TypeError("replay.key_format: must be hashed or jti")
        if not 0 <= known_good_window <= 60:
            raise TypeError("replay.known_good_window: must be from 0 to 60")
        return RedisReplayStore(self, key_format, revocation, known_good_window)

    def open(self) -> None:
        """Connects ahead of the first claim. Never raises: a Redis that is away is a warning."""
        try:
            self.workers().submit(self._warm).result()
        except (RedisAway, RedisSilent, RedisRefused, EpochUnsettled) as fault:
            self.report(fault)

    def close(self) -> None:
        """Ends all connections; the stores are of no use afterwards."""
        self.availability.close()
        with self._lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.shutdown(wait=True)
        for connection in self._connections:
            connection.close()
        if self._probe_connection is not None:
            self._probe_connection.close()

    def workers(self) -> ThreadPoolExecutor:
        """The threads that wait for Redis: nobody else waits longer than they choose."""
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            if self._workers is None:
                self._workers = ThreadPoolExecutor(self._max_connections, "oathmesh-redis")
            return self._workers

    @contextmanager
    def connected(self) -> Iterator[RedisConnection]:
        """The connection of this worker, open. Raises what opening raises."""
        connection: RedisConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            silence = max(_SHORTEST_SILENCE, 2 * self.settings.timeout / 1000)
            connection = self._connection(silence)
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        connection.open()
        yield connection

    def report(self, fault: Exception) -> None:
        """Tells the operator why Redis cannot be used, and the same not again for a while."""
        text = printable(fault)
        now = self.ports.stopwatch()
        with self._lock:
            told_at = self._told.get(text)
            if told_at is not None and now - told_at < _TOLD_AGAIN:
                return
            if len(self._told) > 100:
                self._told.clear()
            self._told[text] = now
        self.ports.log.warning("a use could not be recorded in Redis: %s", text)

    def _warm(self) -> None:
        with self.connected():
            self.availability.answered()

    def _connection(self, silence: float) -> RedisConnection:
        prepare: Callable[[RedisConnection], None] = self.epoch.prepare
        return RedisConnection(self.settings, self._warnings, prepare, silence)

    def _probe(self) -> Probe:
        if self._probe_connection is None:
            self._probe_connection = self._connection(_PROBE_SILENCE)
        try:
            self._probe_connection.open()
            self._probe_connection.send("PING")
        except RedisAway:
            return Probe.LOST
        except RedisSilent:
            return Probe.SILENT
        except (RedisRefused, EpochUnsettled):
            return Probe.ANSWERED
        return Probe.ANSWERED
