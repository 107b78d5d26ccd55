"""Uses recorded in a Redis that verifiers share. Spec 7.2, 8.1."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ..revocation.revoked_subjects import REVOCATIONS_KEY
from .claim_script import CLAIM_SCRIPT, CLAIM_SCRIPT_SHA
from .epoch import EpochUnsettled, mark_of
from .record_key import record_keys
from .record_lifetime import record_lifetime
from .redis_connection import RedisAway, RedisConnection, RedisRefused, RedisSilent
from .replay_store import PendingClaim, TokenUse, UseOutcome

if TYPE_CHECKING:
    from .redis_replay import RedisReplay


class RedisReplayStore:
    """Asks in the same round trip whether the subject has been revoked.

    A failed claim is ``UNAVAILABLE``, unless Redis is known to be away: then a token that this
    process verified a moment ago is ``KNOWN_GOOD``, and every other stays ``UNAVAILABLE``.
    """

    def __init__(
        self, redis: RedisReplay, key_format: str, revocation: bool, known_good_window: float
    ) -> None:
        self.redis = redis
        self._key_format = key_format
        self._revocation = revocation
        self._window = known_good_window

    def claim(self, use: TokenUse, now: float) -> UseOutcome | PendingClaim:
        """Checks and records a use; waits for Redis in another thread."""
        redis = self.redis
        workers = redis.workers()
        if redis.availability.away:
            redis.availability.nudge()
            return self.without_redis(use)
        attempt = _Attempt(self, use, now)
        attempt.answer = workers.submit(attempt.run)
        return PendingClaim(attempt.answer, redis.settings.timeout / 1000, attempt.give_up)

    def without_redis(self, use: TokenUse) -> UseOutcome:
        """What can be said while there is no answer."""
        redis = self.redis
        if not redis.availability.away:
            return UseOutcome.UNAVAILABLE
        if self._revocation and redis.revoked.has(use.subject):
            return UseOutcome.REVOKED
        if redis.known_good.has(use, self._window):
            return UseOutcome.KNOWN_GOOD
        return UseOutcome.UNAVAILABLE

    def ask(self, connection: RedisConnection, use: TokenUse, now: float) -> UseOutcome:
        """One claim on one connection. Raises when Redis fails."""
        record, epoch = record_keys(use, self._key_format)
        keys = [record, epoch, REVOCATIONS_KEY] if self._revocation else [record, epoch]
        milliseconds = record_lifetime(use, now) * 1000
        arguments = (str(len(keys)), *keys, str(milliseconds), use.subject)
        reply = mark_of(_evaluate(connection, arguments))
        redis = self.redis
        redis.availability.answered()
        if reply in ("revoked", "seen"):
            return UseOutcome(reply)
        covered = redis.epoch.covers(use.issued_at, reply, connection)
        return UseOutcome.FRESH if covered else UseOutcome.HISTORY_UNKNOWN


class _Attempt:
    """One claim that its caller may stop waiting for, while its answer still counts."""

    answer: Future[UseOutcome]

    def __init__(self, store: RedisReplayStore, use: TokenUse, now: float) -> None:
        self._store = store
        self._use = use
        self._now = now
        self._asked_at = store.redis.ports.stopwatch()
        self._lock = threading.Lock()
        self._settled: str | None = None

    def run(self) -> UseOutcome:
        outcome = self._ask()
        redis = self._store.redis
        in_time = self._settle("delivered")
        self._learn(outcome, in_time=in_time)
        if not in_time or outcome is UseOutcome.UNAVAILABLE:
            return self._store.without_redis(self._use)
        # Fresh twice: the store has lost a record, evicted perhaps, that this process remembers.
        if outcome is UseOutcome.FRESH and not redis.known_good.add(self._use):
            return UseOutcome.SEEN
        return outcome

    def give_up(self) -> UseOutcome:
        """The outcome for a caller who can wait no longer."""
        if not self._settle("abandoned"):
            return self.answer.result()
        self.answer.cancel()
        self._store.redis.availability.unanswered(self._asked_at)
        return self._store.without_redis(self._use)

    def _learn(self, outcome: UseOutcome, *, in_time: bool) -> None:
        """An answer counts, however late: what it says is not to be forgotten."""
        redis, use = self._store.redis, self._use
        if outcome is UseOutcome.REVOKED:
            redis.revoked.add(use.subject)
        elif outcome is not UseOutcome.UNAVAILABLE and in_time:
            redis.revoked.remove(use.subject)
        if outcome in (UseOutcome.SEEN, UseOutcome.HISTORY_UNKNOWN):
            if in_time:
                redis.known_good.shut(use)
            else:
                redis.known_good.strike(use)

    def _settle(self, how: str) -> bool:
        with self._lock:
            if self._settled is not None:
                return False
            self._settled = how
            return True

    def _ask(self) -> UseOutcome:
        redis = self._store.redis
        try:
            with redis.connected() as connection:
                return self._store.ask(connection, self._use, self._now)
        except RedisAway as fault:
            redis.report(fault)
            redis.availability.lost()
        except RedisSilent:
            redis.availability.unanswered(self._asked_at)
        except (RedisRefused, EpochUnsettled) as fault:
            redis.availability.answered()
            redis.report(fault)
        return UseOutcome.UNAVAILABLE


def _evaluate(connection: RedisConnection, arguments: tuple[str, ...]) -> object | None:
    try:
        return connection.send("EVALSHA", CLAIM_SCRIPT_SHA, *arguments)
    except RedisRefused as refusal:
        # Once per start of a server: from then on it knows the script.
        if refusal.word != "NOSCRIPT":
            raise
        return connection.send("EVAL", CLAIM_SCRIPT, *arguments)
