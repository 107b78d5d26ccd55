"""Fetching one JWK set."""

from __future__ import annotations

import ssl
from typing import Callable, NamedTuple

from ..http_get import HttpAnswer, HttpFault, HttpLimits, HttpRequest, exchange
from .jwk_set import JwkSet, parse_jwk_set
from .key_source import Missing

# A set of 100 keys needs a quarter of it.
_MAX_BYTES = 64 * 1024

#: Sends one GET: URL and seconds. Raises ``HttpFault`` and nothing else.
Get = Callable[[str, float], HttpAnswer]


class JwksFault(Exception):
    """Why there is no good document: ``found`` is for lookups, the message for the operator."""

    def __init__(self, found: Missing, message: str) -> None:
        super().__init__(message)
        self.found = found


class FetchedSet(NamedTuple):
    """A good document, as sent and as read."""

    body: bytes
    keys: JwkSet


def https_get(ca_file: str | None = None) -> Get:
    """GET with the system's authorities and, where given, those of a PEM file besides.

    Raises ``TypeError`` that names ``keys.ca_file`` when the file cannot be used.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise TypeError("keys.ca_file: cannot be read as PEM certificates") from None
    headers = {"Accept": "application/jwk-set+json, application/json"}

    def get(url: str, timeout: float) -> HttpAnswer:
        request = HttpRequest(url, headers=headers)
        return exchange(request, HttpLimits(timeout, _MAX_BYTES), context)

    return get


def fetch_jwk_set(get: Get, url: str, timeout: float, last: FetchedSet | None = None) -> FetchedSet:
    """Fetches and reads one document; the same bytes as ``last`` are not read again.

    Raises ``JwksFault`` and nothing else. What passes with time is an outage; the rest is a wrong
    answer.
    """
    try:
        answer = get(url, timeout)
    except HttpFault as fault:
        away = fault.kind == "no_answer"
        raise JwksFault(
            Missing.UNREACHABLE if away else Missing.INVALID_DOCUMENT, str(fault)
        ) from None
    if answer.status != 200:
        passing = answer.status >= 500 or answer.status in (408, 429)
        found = Missing.UNREACHABLE if passing else Missing.INVALID_DOCUMENT
        raise JwksFault(found, f"answered with status {answer.status}")
    if last is not None and last.body == answer.body:
        return last
    try:
        return FetchedSet(answer.body, parse_jwk_set(answer.body))
    except TypeError as fault:
        raise JwksFault(Missing.INVALID_DOCUMENT, str(fault)) from None
