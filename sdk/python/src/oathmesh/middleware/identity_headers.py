"""The identity of a verified caller, as headers for the application. Design 4."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Callable

from ..caller import Caller
from ..token.claims import Claims
from ..token.text import utf8

#: Says on every pass that a verifier has decided.
DECISION_HEADER = "X-OathMesh-Decision"

#: What a gateway sets as well, the token id last.
DEFAULT_HEADERS = ("subject", "action", "issuer", "token_id")


def _source_of(claims: Claims) -> str | None:
    """``type:repo:workflow``.

    What is missing leaves its place empty, and a colon inside of one is encoded, so that no two
    sources give the same text.
    """
    src = claims.src
    if src is None:
        return None
    places = (src.type, src.repo, src.workflow)
    return ":".join(_encode(text or "").replace(":", "%3A") for text in places).rstrip(":")


def _encoded(read: Callable[[Claims], str | None]) -> Callable[[Claims], str | None]:
    return lambda claims: _encode(read(claims) or "")


def _scope_of(claims: Claims) -> str:
    return " ".join(_encode(name) for name in claims.scope or () if name)


# In the order in which they are set.
# fmt: off
_SOURCES: dict[str, tuple[str, Callable[[Claims], str | None]]] = {
    "subject":      ("X-OathMesh-Subject",      _encoded(lambda claims: claims.sub)),
    "action":       ("X-OathMesh-Action",       _encoded(lambda claims: claims.act)),
    "issuer":       ("X-OathMesh-Issuer",       _encoded(lambda claims: claims.iss)),
    "env":          ("X-OathMesh-Env",          _encoded(lambda claims: claims.env)),
    "tenant":       ("X-OathMesh-Tenant",       _encoded(lambda claims: claims.tenant)),
    "scope":        ("X-OathMesh-Scope",        _scope_of),
    "source":       ("X-OathMesh-Source",       _source_of),
    "delegated_by": ("X-OathMesh-Delegated-By", _encoded(lambda claims: claims.delegated_by)),
    "expires_at":   ("X-OathMesh-Expires-At",   lambda claims: str(claims.exp)),
    "reason":       ("X-OathMesh-Reason",       _encoded(lambda claims: claims.reason)),
    "token_id":     ("X-OathMesh-Token-ID",     _encoded(lambda claims: claims.jti)),
}
# fmt: on


def check_identity_headers(wanted: Iterable[str]) -> tuple[str, ...]:
    """The names, in order. Raises ``TypeError`` for one that is not known."""
    names = tuple(wanted)
    for at, name in enumerate(names):
        if name not in _SOURCES:
            raise TypeError(f"identity_headers[{at}]: must be one of {', '.join(_SOURCES)}")
    return names


def identity_headers(caller: Caller, wanted: Collection[str]) -> list[tuple[str, str]]:
    """Names and values, the decision first; a claim that the token lacks has no header.

    Values are printable ASCII: every other byte and ``%`` is percent-encoded, so that no claim can
    end a header or smuggle one in, and decoding gives the claim back. RFC 3986, 2.1.
    """
    headers = [(DECISION_HEADER, "allow")]
    for name, (header, read) in _SOURCES.items():
        value = read(caller.claims) if name in wanted else None
        if value:
            headers.append((header, value))
    return headers


def _encode(text: str) -> str:
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte != 0x25 else f"%{byte:02X}" for byte in utf8(text)
    )
