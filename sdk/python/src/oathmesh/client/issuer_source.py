"""Tokens from an issuer's ``POST /v1/token``. Spec 13.2."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Callable

from ..http_get import HttpAnswer, HttpFault, HttpLimits, HttpRequest, exchange
from ..ports import Clock, printable, system_clock
from .credential import Credential, checked_credential
from .issuer_url import issuer_route
from .mint_error import MintError
from .retries import Answer, Patience, read_json
from .token_source import MintedToken, TokenRequest

_MAX_BYTES = 64 * 1024
# What a header can hold: an issuer must not be able to write more than one.
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


@dataclass(frozen=True)
class IssuerSource:
    """Asks an issuer. Raises ``TypeError`` for one that must not be sent a credential."""

    issuer: str
    credential: Credential = field(repr=False)
    patience: Patience = Patience()
    #: Seconds for one attempt.
    timeout: float = 5.0
    clock: Clock = system_clock
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        issuer_route(self.issuer, "/v1/token")

    def mint(self, request: TokenRequest) -> MintedToken:
        """One token; takes at most the timeout per attempt and the waits the issuer asks for."""
        credential = checked_credential(self.credential())
        body = json.dumps({**request.members(), "ttl_hint": request.ttl}).encode()
        left = self.patience.retries
        while True:
            answer = self._send(credential, body)
            pause = self._pause(answer, left)
            if pause is None:
                return self._read(answer, request, credential)
            left -= 1
            self.sleep(pause)

    def _send(self, credential: str, body: bytes) -> HttpAnswer:
        headers = {
            "Authorization": f"Bearer {credential}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        url = issuer_route(self.issuer, "/v1/token")
        # A redirect would carry the credential to wherever it points: it is an answer like any
        # other.
        request = HttpRequest(url, "POST", headers, body)
        try:
            return exchange(request, HttpLimits(self.timeout, _MAX_BYTES))
        except HttpFault as fault:
            raise MintError("unavailable", f"the issuer gave no token: {fault}") from None

    def _pause(self, answer: HttpAnswer, left: int) -> float | None:
        # Minting twice costs an unused token.
        if left <= 0 or answer.status not in (429, 503):
            return None
        pause = Answer(answer.status, answer.headers).retry_after
        return None if pause is None or pause > self.patience.longest_wait else pause

    def _read(self, answer: HttpAnswer, request: TokenRequest, credential: str) -> MintedToken:
        value = read_json(answer.headers, answer.body)
        if answer.status != 200:
            raise _refusal(answer.status, value, credential)
        token = value.get("token")
        if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
            raise MintError(
                "unavailable",
                "the issuer gave no token: its answer has none",
                status=answer.status,
            )
        seconds = value.get("expires_in")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            seconds = request.ttl
        return MintedToken(token, self.clock() + min(float(seconds), request.ttl))


def _refusal(status: int, value: Mapping[str, object], credential: str) -> MintError:
    def said(name: str) -> str | None:
        text = value.get(name)
        # Whoever echoes the credential must not have it land in our log.
        return printable(text.replace(credential, "***")) if isinstance(text, str) else None

    code, message, fix = said("error"), said("message"), said("fix")
    step = value.get("step")
    words = " ".join(text for text in (message, fix) if text)
    if 300 <= status < 400:
        words = "a redirect, which is not followed: give the issuer's own URL"
    text = f"the issuer gave no token: {status}"
    text += f" {code}" if code else ""
    text += f": {words}" if words else ""
    return MintError(
        "unavailable" if status >= 500 or status == 429 else "refused",
        text,
        code=code,
        step=step if type(step) is int else None,
        fix=fix,
        status=status,
    )
