"""The answer to a call that may not pass. Design 4."""

from __future__ import annotations

import json
import re
import uuid
from typing import NamedTuple

from ..denial import Denial
from ..verify.settings import Settings

# Seconds after which a caller may try again when something we depend on was away.
_RETRY_AFTER = 1
_REALM = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,128}")


class RefusalAnswer(NamedTuple):
    """Status, headers and body, made from the table of refusals alone."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Refuser:
    """Makes answers for one service."""

    def __init__(self, settings: Settings, realm: str, challenge: str) -> None:
        """``challenge`` is ``full`` or ``minimal``. Raises ``TypeError`` with the argument."""
        if _REALM.fullmatch(realm) is None:
            raise TypeError(
                'realm: must be 1 to 128 characters of printable ASCII without " and \\'
            )
        if challenge not in ("full", "minimal"):
            raise TypeError("challenge: must be full or minimal")
        self._challenge = f'OathMesh realm="{realm}"'
        self._to_mint = _what_to_mint(settings) if challenge == "full" else {}

    def answer(self, denial: Denial) -> RefusalAnswer:
        """The body has ``error``, ``message``, ``fix``, ``step`` and ``request_id``.

        With 401 and a full challenge ``issuer``, ``audience`` and ``binding`` besides: what to
        mint.
        """
        body: dict[str, object] = {
            "error": denial.code,
            "message": denial.message,
            "fix": denial.fix,
        }
        if denial.step is not None:
            body["step"] = denial.step
        body["request_id"] = str(uuid.uuid4())
        if denial.status == 401:
            body.update(self._to_mint)
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"),
        ]
        if denial.status == 401:
            headers.append(("WWW-Authenticate", self._challenge))
        if denial.status == 503:
            headers.append(("Retry-After", str(_RETRY_AFTER)))
        return RefusalAnswer(denial.status, tuple(headers), content)


def _what_to_mint(settings: Settings) -> dict[str, object]:
    """``issuer`` is one name, or a list of several, as ``aud`` is in a JWT."""
    names = [trusted.issuer for trusted in settings.issuers]
    return {
        "issuer": names[0] if len(names) == 1 else names,
        "audience": settings.audience,
        "binding": settings.binding.mode,
    }
