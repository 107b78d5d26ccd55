"""One connection to a Redis, and what is known of the server behind it."""

from __future__ import annotations

from typing import Any, Callable

import redis
from redis.backoff import NoBackoff
from redis.connection import (
    AbstractConnection,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel

from ..ports import Logger
from ..token.text import utf8
from .epoch import ANONYMOUS
from .redis_settings import RedisSettings


class RedisAway(Exception):
    """There is no connection: refused, reset, closed, or no master. The text is for operators."""


class RedisSilent(Exception):
    """A connection is there, or being made, and nothing comes back."""


class RedisRefused(Exception):
    """Redis answered, with an error. The text is for operators."""

    def __init__(self, message: str) -> None:
        super().__init__(message[:200])
        #: The first word, such as ``NOSCRIPT``.
        self.word = message.split(" ", 1)[0]


class RedisConnection:
    """Connects when it is first used, and again when the server has gone. One thread at a time.

    ``prepare`` is called on each new connection, before anything else is sent.
    """

    def __init__(
        self,
        settings: RedisSettings,
        log: RedisWarnings,
        prepare: Callable[[RedisConnection], None],
        silence: float,
    ) -> None:
        """``silence`` is how many seconds a reply may take before the connection is given up."""
        self._settings = settings
        self._silence = silence
        self._log = log
        self._prepare = prepare
        self._connection: AbstractConnection | None = None
        self.identity = ANONYMOUS

    def send(self, *command: str) -> object | None:
        """One round trip. Raises ``RedisAway``, ``RedisSilent`` or ``RedisRefused``."""
        return _translated(lambda: self._exchange(command), self.close)

    def open(self) -> None:
        """Connects, unless there is a connection that still lives. Raises as ``send``."""
        if self._connection is not None and not self._is_stale():
            return
        self.close()
        _translated(self._connect, self.close)
        try:
            self._inspect()
            self._prepare(self)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()

    def _exchange(self, command: tuple[str, ...]) -> object | None:
        connection = self._connection
        if connection is None:
            raise RedisAway("not connected")
        # Never sent again: repeated on another connection it could find its own record.
        connection.send_command(*map(utf8, command))
        reply: object | None = connection.read_response(disable_decoding=True)
        return reply

    def _connect(self) -> None:
        connection = _make_connection(self._settings, self._silence)
        self._connection = connection
        connection.connect()

    def _is_stale(self) -> bool:
        """Whether the peer has closed a connection that was idle: nothing else can be readable."""
        connection = self._connection
        if connection is None:
            return True
        try:
            return bool(connection.can_read(timeout=0))
        except (RedisError, OSError):
            return True

    def _inspect(self) -> None:
        """No claim goes to a server before it is known which one it is."""
        try:
            info = self.send("INFO")
        except RedisRefused as refusal:
            if refusal.word not in ("NOPERM", "ERR"):
                raise
            info = None
        self.identity = self._log.identify(info)


class RedisWarnings:
    """Tells the operator, once each, what is wrong with a Redis."""

    def __init__(self, log: Logger) -> None:
        self._log = log
        self._told: set[str] = set()

    def identify(self, reply: object | None) -> str:
        """Identity of the server that gave this reply to ``INFO``; ``None`` for a reply withheld.

        Warns of a server that may forget records early, or that takes none.
        """
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else ""
        info = dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line)
        if info.get("maxmemory_policy", "noeviction") != "noeviction":
            self._tell("Redis may evict records of used tokens: set maxmemory-policy to noeviction")
        if info.get("role") == "slave":
            self._tell("Redis is a replica and takes no records: name the master")
        identity = info.get("run_id")
        if identity is None or not identity.isalnum():
            self._tell(
                "Redis does not name its run_id: a restart or failover that loses records goes "
                "unnoticed"
            )
            return ANONYMOUS
        return identity

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._log.warning(message)


def _translated(run: Callable[[], object | None], disconnect: Callable[[], None]) -> object | None:
    try:
        return run()
    except redis.exceptions.TimeoutError:
        disconnect()
        raise RedisSilent("no reply in time") from None
    except (AuthenticationError, BusyLoadingError, NoPermissionError) as refusal:
        raise RedisRefused(str(refusal)) from None
    except ResponseError as refusal:
        # A demoted master keeps its connections; a new one leads to the master of now. Before 7
        # Redis wraps the error in one of the script's.
        if isinstance(refusal, ReadOnlyError) or "READONLY" in str(refusal):
            disconnect()
        raise RedisRefused(_error_text(refusal)) from None
    except (redis.exceptions.ConnectionError, MasterNotFoundError, OSError) as fault:
        disconnect()
        if _was_answered(fault):
            raise RedisRefused(str(fault)) from None
        raise RedisAway(str(fault)) from None
    except RedisError as fault:
        disconnect()
        raise RedisRefused(f"ERR {type(fault).__name__}") from None


def _error_text(refusal: ResponseError) -> str:
    # The library takes the first word away from errors that it has a class for.
    is_unknown_script = type(refusal) is redis.exceptions.NoScriptError
    return f"NOSCRIPT {refusal}" if is_unknown_script else str(refusal)


def _was_answered(fault: BaseException) -> bool:
    """Whether Redis itself said so: at its limit of clients it answers and closes."""
    return "max number of clients" in str(fault)


def _make_connection(settings: RedisSettings, silence: float) -> AbstractConnection:
    options: dict[str, object] = {
        "username": settings.username,
        "password": settings.password,
        "db": settings.database,
        "socket_timeout": silence,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "lib_name": None,
        "lib_version": None,
    }
    if settings.unix_socket is not None:
        # Abstract to its type hints alone: the library forgot the host that a path has not.
        kind: Any = UnixDomainSocketConnection
        unix: AbstractConnection = kind(path=settings.unix_socket, **options)
        return unix
    options["socket_connect_timeout"] = settings.connect_timeout / 1000
    tls = _tls_options(settings) if settings.ssl else {}
    host, port = _address(settings, tls)
    tcp: Any = SSLConnection if settings.ssl else Connection
    connection: AbstractConnection = tcp(host=host, port=port, **options, **tls)
    return connection


def _address(settings: RedisSettings, tls: dict[str, object]) -> tuple[str, int]:
    if settings.sentinel_master is None:
        return settings.host, settings.port
    seconds = settings.connect_timeout / 1000
    sentinel = Sentinel(
        [*settings.sentinel_nodes],
        sentinel_kwargs={
            "username": settings.sentinel_username,
            "password": settings.sentinel_password,
            "socket_timeout": seconds,
            "socket_connect_timeout": seconds,
            "ssl": settings.ssl,
            **tls,
        },
    )
    try:
        host, port = sentinel.discover_master(settings.sentinel_master)
    finally:
        for client in sentinel.sentinels:
            client.close()
    return str(host), int(port)


def _tls_options(settings: RedisSettings) -> dict[str, object]:
    return {
        "ssl_cert_reqs": "required" if settings.ssl_verify else "none",
        "ssl_check_hostname": settings.ssl_verify,
        "ssl_ca_certs": settings.ca_file,
    }
