"""When a call is sent again. One table for all languages: docs/protocol.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..token.strict_json import parse_strict_json

#: A refusal is a few hundred bytes; more than this is none.
MAX_REFUSAL_BYTES = 64 * 1024

# Repeating one of these does what doing it once does. RFC 9110, 9.2.2.
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))
_SECONDS = re.compile(r"[0-9]{1,6}")
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Patience:
    """How far a client goes along with a server that asks for time."""

    #: Attempts after the first one, 0-10.
    retries: int = 2
    #: Seconds; a longer ``Retry-After`` is not waited for: the answer is passed on at once.
    longest_wait: float = 10.0


@dataclass(frozen=True)
class Answer:
    """What is looked at of an answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    #: The whole body, or ``None`` where it is too long, too slow or compressed.
    body: bytes | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, when a number of them is named. A date would need the server's clock."""
        value = self.headers.get("retry-after", "").strip()
        return float(value) if _SECONDS.fullmatch(value) else None

    @property
    def refusal(self) -> Mapping[str, object]:
        """The body of an answer in which a verifier refuses; empty for any other."""
        value = read_json(self.headers, self.body)
        # Every refusal has a fix; an application's own errors hardly do.
        return value if isinstance(value.get("fix"), str) else {}


def read_json(headers: Mapping[str, str], body: bytes | None) -> Mapping[str, object]:
    """A body that says to be JSON and is an object; empty for any other."""
    if body is None or not _JSON.match(headers.get("content-type", "")):
        return {}
    try:
        value = parse_strict_json(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class Retries:
    """Says after each answer to one call whether it is sent again, always with a new token.

    - 503 with ``Retry-After``: after that time, if the method is idempotent or a verifier says that
      nothing was let through.
    - 401 ``replay_detected``: somebody on the way has sent the request twice and the first answer
    is
      lost. Once more, if the method is idempotent.
    - 401 ``verification_failed`` at step 13: the token is older than the memory of the verifier,
    and
      nothing was let through. Once more, and tokens minted ahead are thrown away.
    - No answer at all: once more, if the method is idempotent and whoever sends it hears of it.
    - Anything else, and a body that can be sent only once: never.
    """

    def __init__(self, patience: Patience, method: str, *, repeatable: bool) -> None:
        self._patience = patience
        self._idempotent = method.upper() in _IDEMPOTENT
        self._left = patience.retries if repeatable else 0
        self._second_chance = repeatable
        #: Set when tokens minted ahead are as old as the one that was refused.
        self.tokens_too_old = False

    @staticmethod
    def reads(status: int) -> bool:
        """Whether the body of an answer with this status is looked at."""
        return status in (401, 503)

    def after(self, answer: Answer) -> float | None:
        """Seconds to wait before the next attempt; ``None`` when this answer is the result."""
        pause = answer.retry_after
        if answer.status == 503:
            return pause if self._may_wait(answer, pause) else None
        fault = _token_fault(answer)
        if fault == "too_old":
            self.tokens_too_old = True
        if fault is None or (fault == "lost" and not self._idempotent):
            return None
        return 0.0 if self._takes_second_chance() else None

    def after_lost_answer(self) -> bool:
        """Whether to send once more what was sent, or nearly, and not answered."""
        return self._idempotent and self._takes_second_chance()

    def _takes_second_chance(self) -> bool:
        if not self._second_chance:
            return False
        self._second_chance = False
        self._left = self._patience.retries
        return True

    def _may_wait(self, answer: Answer, pause: float | None) -> bool:
        if self._left <= 0 or pause is None or pause > self._patience.longest_wait:
            return False
        self._left -= 1
        return self._idempotent or answer.refusal.get("error") == "verification_failed"


def _token_fault(answer: Answer) -> str | None:
    if answer.status != 401:
        return None
    refusal = answer.refusal
    if refusal.get("error") == "replay_detected":
        return "lost"
    is_too_old = refusal.get("error") == "verification_failed" and refusal.get("step") == 13
    return "too_old" if is_too_old else None
