"""One request, as whoever hosts the verifier hands it over."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Callable, NamedTuple, Union


class RequestLine(NamedTuple):
    """The request-target before any rewrite or normalisation."""

    #: As sent; methods are case-sensitive (RFC 9110, 9.1).
    method: str
    #: Path as received, percent-encoding kept. Empty where the server hides it, which fits nothing.
    raw_path: str
    #: Query without ``?``; empty when there is none.
    raw_query: str


class OverLimit:
    """The body is larger than was asked for."""


class Unreadable:
    """The body cannot be had."""


#: The raw body, not decompressed, de-chunked; or why there is none.
Body = Union[bytes, OverLimit, Unreadable]


def _no_body(_max_bytes: int) -> Body:
    return b""


@dataclass(frozen=True)
class Call:
    """What the steps may ask of a request. What costs something is a function, asked at most once.

    ``authorization`` and ``connection`` are every value of those headers in order of arrival.
    ``body`` takes the most bytes it may give; it returns an awaitable where the verifier is
    awaited.
    """

    authorization: tuple[str, ...] = field(default=(), repr=False)
    connection: tuple[str, ...] = ()
    line: RequestLine = RequestLine("GET", "/", "")
    body: Callable[[int], Body | Awaitable[Body]] = field(default=_no_body, repr=False)
