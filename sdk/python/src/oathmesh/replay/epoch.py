"""Since when a Redis remembers, so that what it has forgotten is refused and not believed new."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ..ports import Clock, Logger, printable

#: Where a server does not say who it is.
ANONYMOUS = "anonymous"

_ATTEMPTS = 3
# So often the same server may be found under a mark of another before its identity is distrusted.
_CONTESTED = 3
# An epoch further ahead than this was written by a process whose clock is wrong.
_CLOCK_FAULT = 60
# `<Unix seconds> <server>`: since when that server remembers every use.
_MARK = re.compile(r"([0-9]{1,12}) (\S+)")


class Server(Protocol):
    """A connection to one Redis process."""

    @property
    def identity(self) -> str:
        """New with every start of the process; ``ANONYMOUS`` where it does not say."""
        ...

    def send(self, *command: str) -> object | None:
        """One round trip; replies are ``bytes``, ``int`` or ``None``. Raises when Redis fails."""
        ...


class EpochUnsettled(Exception):
    """Nobody can say since when this Redis remembers."""


class _Beginning(NamedTuple):
    mark: str
    seconds: int
    #: Who wrote the mark.
    server: str


@dataclass
class _Agreement:
    """The mark in force, and the server it was found on."""

    beginning: _Beginning
    server: str


class Epoch:
    """Knows since when one Redis remembers every use.

    History begins anew when the mark is missing (emptied, other database), or when another server
    wrote it (restarted from a snapshot, failed over to a replica that lagged).
    """

    def __init__(self, key: str, clock: Clock, log: Logger) -> None:
        self._key = key
        self._clock = clock
        self._log = log
        self._lock = threading.RLock()
        self._agreed: _Agreement | None = None
        #: Latest ``iat`` accepted under that mark; an issuer's clock may be ahead.
        self._newest: float = -math.inf
        self._contests = 0

    def covers(self, issued_at: int, mark: str | None, server: Server) -> bool:
        """Whether a token issued at ``issued_at`` can only have been used within this history.

        ``mark`` is what stood under the key **after** the use was recorded. Raises when Redis
        fails.
        """
        with self._lock:
            if not self._is_agreed(mark, server):
                self._agree(mark, server)
            agreed = self._agreed
            if agreed is None or issued_at < agreed.beginning.seconds:
                return False
            self._newest = max(self._newest, issued_at)
            return True

    def prepare(self, server: Server) -> None:
        """Sees to it that a mark stands before the first token comes. Raises when Redis fails."""
        with self._lock:
            if self._agreed is not None and self._agreed.server == server.identity:
                return
            mark = self._read(server)
            if not self._is_agreed(mark, server):
                self._agree(mark, server)

    def _is_agreed(self, mark: str | None, server: Server) -> bool:
        agreed = self._agreed
        return (
            agreed is not None
            and agreed.beginning.mark == mark
            and agreed.server == server.identity
        )

    def _agree(self, found: str | None, server: Server) -> None:
        mark = found
        for _attempt in range(_ATTEMPTS):
            former = None if mark is None else _parse(mark)
            own = former is not None and self._is_own(former, server)
            if own and former is not None and former.seconds > self._newest:
                self._adopt(former, server)
                return
            following = self._beginning(server.identity)
            if self._write(following.mark, server, missing=mark is None):
                self._log.info(
                    "replay history begins at %d, tokens issued earlier are refused: %s",
                    following.seconds,
                    _why(former, server.identity),
                )
                self._adopt(following, server)
                return
            mark = self._read(server)
        raise EpochUnsettled("the epoch of the replay records does not stand still")

    def _is_own(self, beginning: _Beginning, server: Server) -> bool:
        """Whether the history behind a mark is that of ``server``.

        Verifiers behind unequal proxies may see one Redis under several identities, and would
        overwrite each other's marks for ever: they stop.
        """
        if server.identity in (beginning.server, ANONYMOUS):
            return True
        if self._agreed is None or self._agreed.server != server.identity:
            return False
        self._contests += 1
        return self._contests > _CONTESTED

    def _beginning(self, server: str) -> _Beginning:
        """The first second that no use before now can belong to.

        The present second has uses in it already, and so has every second up to the latest ``iat``
        that was accepted.
        """
        seconds = int(max(math.floor(self._clock()), self._newest)) + 1
        return _Beginning(f"{seconds} {server}", seconds, server)

    def _read(self, server: Server) -> str | None:
        return mark_of(server.send("GET", self._key))

    def _write(self, mark: str, server: Server, *, missing: bool) -> bool:
        """Of several who find no mark one writes it; a mark of another server is replaced."""
        command = ("SET", self._key, mark)
        reply = server.send(*command, "NX") if missing else server.send(*command)
        return reply in (b"OK", "OK", True)

    def _adopt(self, beginning: _Beginning, server: Server) -> None:
        self._agreed = _Agreement(beginning, server.identity)
        self._newest = -math.inf
        if beginning.seconds > self._clock() + _CLOCK_FAULT:
            self._log.error(
                "replay history begins in the future, at %d: check the clocks of all verifiers",
                beginning.seconds,
            )


def mark_of(reply: object | None) -> str | None:
    """A reply as text. What is no text is a text that no mark is like."""
    if reply is None:
        return None
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)


def _why(former: _Beginning | None, server: str) -> str:
    if former is None:
        return "Redis has no epoch"
    if former.server != server:
        return f"Redis is another process than before ({printable(former.server)})"
    return "Redis may have lost records since"


def _parse(mark: str) -> _Beginning:
    # What is not a mark of ours must not be taken for one, nor written over unseen: claims fail.
    match = _MARK.fullmatch(mark)
    if match is None:
        raise EpochUnsettled("the epoch of the replay records is not readable")
    return _Beginning(mark, int(match.group(1)), match.group(2))
