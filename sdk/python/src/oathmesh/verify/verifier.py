"""Deciding on calls."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import traceback
from collections.abc import Awaitable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any, Union

from ..call import Call
from ..caller import Caller
from ..denial import Denial, deny
from ..keys.key_cache import KeyCache
from ..ports import Clock, Stopwatch, log, monotonic, system_clock
from ..replay.memory_store import MemoryReplayStore
from ..replay.replay_store import PendingClaim, ReplayStore
from ..token.claims import Payload
from .attempt import Attempt, ReadBody, VerifierPorts, Wait
from .settings import Settings, read_settings
from .steps import STEPS, Waiting

#: What the steps conclude.
Verdict = Union[Caller, Denial]


@dataclass(frozen=True)
class Decision:
    """A verdict with what a log line may say about how it came about."""

    verdict: Verdict
    #: What the token says, as far as it could be read; proven only where ``verified`` is true.
    payload: Payload | None
    verified: bool
    #: The clock reading the decision is based on: Unix seconds.
    at: float
    #: Seconds spent.
    elapsed: float

    @property
    def caller(self) -> Caller | None:
        """Who called, when the call may pass."""
        return self.verdict if isinstance(self.verdict, Caller) else None

    @property
    def denial(self) -> Denial | None:
        """Why the call may not pass."""
        return self.verdict if isinstance(self.verdict, Denial) else None


class Verifier:
    """Decides on calls. Safe to share between threads, and between threads and an event loop."""

    def __init__(
        self,
        settings: Settings,
        ports: VerifierPorts,
        clock: Clock = system_clock,
        stopwatch: Stopwatch = monotonic,
    ) -> None:
        self.settings = settings
        self.ports = ports
        self._clock = clock
        self._stopwatch = stopwatch

    def verify(self, call: Call) -> Decision:
        """Decides in this thread. Never raises; takes as long as the deadline of the settings.

        Only reading a body that the server is slow to hand over can take longer: it then ends in a
        refusal.
        """
        run = _Run(self, call)
        while (wait := run.step()) is not None:
            try:
                run.answer(_wait_for(wait, call, run.remaining()))
            except Exception as cause:  # noqa: BLE001 - every unknown fault is a refusal
                run.fail(cause)
        return self._reported(run.decision())

    async def verify_async(self, call: Call) -> Decision:
        """Decides without ever blocking the event loop. Never raises, except when cancelled."""
        run = _Run(self, call)
        while (wait := run.step()) is not None:
            try:
                run.answer(await _await_for(wait, call, run.remaining()))
            except Exception as cause:  # noqa: BLE001 - every unknown fault is a refusal
                run.fail(cause)
        return self._reported(run.decision())

    def begin(self, call: Call) -> tuple[Attempt, float]:
        """An attempt at the time of the clock, in Unix seconds."""
        at = self._clock()
        return Attempt(call, self.settings, self.ports, at), at

    def elapsed(self) -> float:
        """Monotonic seconds."""
        return self._stopwatch()

    def _reported(self, decision: Decision) -> Decision:
        """A fault of ours is the operator's business. Where it was raised is told, and no value."""
        denial = decision.denial
        cause = None if denial is None else denial.__cause__
        if cause is not None:
            where = traceback.extract_tb(cause.__traceback__)[-1:]
            frames = ", ".join(f"{frame.filename} line {frame.lineno}" for frame in where)
            kind = type(cause).__name__
            log.error("a call was refused because of an internal fault: %s in %s", kind, frames)
        return decision


def open_verifier(
    config: Mapping[str, object],
    *,
    replay: ReplayStore | None = None,
    prewarm: bool = True,
) -> Verifier:
    """A verifier for a configuration in the words of the gateway's (``read_settings``).

    ``replay`` is where uses are recorded; without it in the memory of this process, which defends
    one process only. ``prewarm`` begins to fetch the issuers' keys at once, in the background.
    Raises ``TypeError`` or ``ValueError`` that names the field.
    """
    settings = read_settings(config)
    keys = KeyCache(settings.issuers, settings.keys)
    if prewarm:
        keys.prewarm()
    # An empty store is false, and must not be taken for none: others may hold it as well.
    store = MemoryReplayStore() if replay is None else replay
    return Verifier(settings, VerifierPorts(keys, store))


class _Run:
    """Runs the steps in order and stops at the first refusal, or where it must wait."""

    def __init__(self, verifier: Verifier, call: Call) -> None:
        self._verifier = verifier
        self._started_at = verifier.elapsed()
        self._steps = iter(STEPS)
        self._label: int | None = None
        self._waiting: Waiting | None = None
        self._answer: Any = None
        self._fault: Exception | None = None
        self._denial: Denial | None = None
        self._at = 0.0
        self._attempt: Attempt | None = None
        try:
            self._attempt, self._at = verifier.begin(call)
        except Exception as cause:  # noqa: BLE001 - every unknown fault is a refusal
            self._denial = Denial.of(cause)

    def remaining(self) -> float:
        """Seconds until the deadline."""
        spent = self._verifier.elapsed() - self._started_at
        return self._verifier.settings.deadline - spent

    def step(self) -> Wait | None:
        """What must be waited for next; ``None`` when there is a verdict."""
        if self._denial is not None or self._attempt is None:
            return None
        try:
            return self._advance(self._attempt)
        except Exception as cause:  # noqa: BLE001 - every unknown fault is a refusal
            self._denial = Denial.of(cause, self._label)
            return None

    def answer(self, answer: object) -> None:
        """What was waited for."""
        self._answer = answer
        if self.remaining() <= 0:
            self._fault = Denial("deadline_exceeded")

    def fail(self, cause: Exception) -> None:
        """Waiting has failed."""
        self._fault = cause

    def decision(self) -> Decision:
        attempt = self._attempt
        return Decision(
            verdict=self._verdict(),
            payload=getattr(attempt, "payload", None),
            verified=attempt is not None and attempt.verified,
            at=self._at,
            elapsed=self._verifier.elapsed() - self._started_at,
        )

    def _advance(self, attempt: Attempt) -> Wait | None:
        while True:
            if self._fault is not None:
                raise self._fault
            if self._waiting is not None:
                wait = self._resume(self._waiting)
                if wait is not None:
                    return wait
            following = next(self._steps, None)
            if following is None:
                return None
            self._label, run = following
            self._answer = None
            self._waiting = run(attempt)

    def _resume(self, waiting: Waiting) -> Wait | None:
        try:
            return waiting.send(self._answer)
        except StopIteration:
            self._waiting = None
            return None

    def _verdict(self) -> Verdict:
        attempt = self._attempt
        if self._denial is not None:
            return self._denial
        if attempt is None:
            return Denial("internal_error")
        return Caller(
            attempt.claims,
            attempt.key.kid,
            attempt.rule,
            degraded=attempt.use.value == "known_good",
        )


def _wait_for(wait: Wait, call: Call, remaining: float) -> object:
    if isinstance(wait, ReadBody):
        return call.body(wait.max_bytes)
    future: Future[Any] = wait.answer if isinstance(wait, PendingClaim) else wait
    limit = min(remaining, wait.timeout) if isinstance(wait, PendingClaim) else remaining
    try:
        return future.result(max(0.0, limit))
    except FutureTimeoutError:
        return wait.give_up() if isinstance(wait, PendingClaim) else deny("deadline_exceeded")


async def _await_for(wait: Wait, call: Call, remaining: float) -> object:
    if isinstance(wait, ReadBody):
        body = call.body(wait.max_bytes)
        return await _within(body, remaining) if inspect.isawaitable(body) else body
    future: Future[Any] = wait.answer if isinstance(wait, PendingClaim) else wait
    limit = min(remaining, wait.timeout) if isinstance(wait, PendingClaim) else remaining
    # Shielded: what one call stops waiting for, others may still want.
    pending = asyncio.wrap_future(future)
    pending.add_done_callback(_look_away)
    try:
        return await asyncio.wait_for(asyncio.shield(pending), max(0.0, limit))
    except asyncio.TimeoutError:
        return wait.give_up() if isinstance(wait, PendingClaim) else deny("deadline_exceeded")


async def _within(body: Awaitable[object], remaining: float) -> object:
    try:
        return await asyncio.wait_for(body, max(0.0, remaining))
    except asyncio.TimeoutError:
        deny("deadline_exceeded")


def _look_away(pending: asyncio.Future[Any]) -> None:
    """How it ends, when nobody waits any more, is of no interest."""
    with contextlib.suppress(asyncio.CancelledError):
        pending.exception()
