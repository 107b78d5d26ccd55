"""A refusal of an API, and where what it wants differs from what a client mints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..ports import printable

_STATUSES = frozenset((400, 401, 403, 413, 503))
_LONGEST = 300


class WantedToken(NamedTuple):
    """What an API wants of tokens, as far as its verifier says so."""

    #: Any of these may have issued it.
    issuers: tuple[str, ...]
    audience: str | None
    #: The mode in which ``rqh`` is checked.
    binding: str | None


class RefusedError(Exception):
    """Texts are the verifier's, bounded, and with nothing in them that acts on a terminal."""

    def __init__(self, status: int, body: Mapping[str, object], minted: WantedToken) -> None:
        """``minted`` is what the client mints."""
        wanted = _wanted_in(body) if status == 401 else None
        self.status = status
        #: The verifier's word for it, such as ``audience_mismatch``; match on this.
        self.code = _text_of(body.get("error")) or ""
        self.fix = _text_of(body.get("fix")) or ""
        step = body.get("step")
        self.step = step if type(step) is int else None
        self.request_id = _text_of(body.get("request_id"))
        #: With 401, unless the verifier keeps it to itself.
        self.wanted = wanted
        said = [f"{status} {self.code}:", _text_of(body.get("message")) or "", self.fix]
        said += [] if wanted is None else _differences(wanted, minted)
        super().__init__(" ".join(text for text in said if text))


def refused(status: int, body: Mapping[str, object], minted: WantedToken) -> RefusedError | None:
    """The error for an answer, or ``None`` when it is no refusal of a verifier."""
    # Every refusal has a fix; an application's own errors hardly do.
    if status not in _STATUSES or not isinstance(body.get("fix"), str):
        return None
    return RefusedError(status, body, minted)


def _wanted_in(body: Mapping[str, object]) -> WantedToken | None:
    issuer = body.get("issuer")
    texts = map(_text_of, issuer if isinstance(issuer, list) else [issuer])
    wanted = WantedToken(
        tuple(text for text in texts if text),
        _text_of(body.get("audience")),
        _text_of(body.get("binding")),
    )
    return wanted if any(wanted) else None


def _differences(wanted: WantedToken, minted: WantedToken) -> list[str]:
    """Where the two disagree, for whoever has to change the client's arguments."""
    ours = minted.issuers[0]
    phrases = []
    if wanted.issuers and ours not in wanted.issuers:
        phrases.append(("issuer", " or ".join(wanted.issuers), ours))
    if wanted.audience not in (None, minted.audience):
        phrases.append(("audience", wanted.audience or "", minted.audience or ""))
    if wanted.binding not in (None, minted.binding):
        phrases.append(("binding", wanted.binding or "", minted.binding or ""))
    return [f"The API wants {name} {want}; this client has {have}." for name, want, have in phrases]


def _text_of(value: object) -> str | None:
    return printable(value[:_LONGEST]) if isinstance(value, str) and value else None
