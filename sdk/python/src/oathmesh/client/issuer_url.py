"""URLs that may be sent a credential."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1")
_PRINTABLE_ASCII = re.compile(r"[\x21-\x7e]+")


def issuer_route(issuer: str, route: str, field: str = "issuer") -> str:
    """The URL of one of an issuer's routes, its path kept.

    Raises ``TypeError`` that begins with ``field`` for anything but https; http is accepted on
    loopback, where nobody is on the way to read the credential.
    """
    url = credential_url(issuer, field)
    if url.query or url.fragment or "?" in issuer or "#" in issuer:
        raise TypeError(f"{field}: must be without query and fragment")
    return urlunsplit((url.scheme, url.netloc, url.path.rstrip("/") + route, "", ""))


def credential_url(text: str, field: str) -> SplitResult:
    """The parts of a URL that may be sent a credential. Raises ``TypeError`` for any other."""
    try:
        url = urlsplit(text) if _PRINTABLE_ASCII.fullmatch(text) else None
        host = (url.hostname or "") if url else ""
        _ = url.port if url else None
    except ValueError:
        url, host = None, ""
    if url is None or host == "" or "\\" in text:
        raise TypeError(f"{field}: is not a URL")
    local = url.scheme == "http" and _LOOPBACK.fullmatch(host) is not None
    if url.scheme != "https" and not local:
        raise TypeError(f"{field}: must be https")
    if "@" in url.netloc:
        raise TypeError(f"{field}: must be without user info")
    return url
