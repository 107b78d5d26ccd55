"""Where the keys of an issuer are. Spec 5.1."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from .key_settings import KeySettings, TrustedIssuer

# Scheme, authority without user info, path; matched before a parser sees the text, because parsers
# repair what should be refused.
_PLAIN_URL = re.compile(r"https?://[^/?#@\\]+(?:/[^?#\\]*)?", re.IGNORECASE)
_PRINTABLE_ASCII = re.compile(r"[\x21-\x7e]+")
_WELL_KNOWN = "/.well-known/jwks.json"


def jwks_url_of(trusted: TrustedIssuer, settings: KeySettings, field: str = "issuers[]") -> str:
    """``jwks_uri``, or ``{issuer}/.well-known/jwks.json`` with the path of the issuer kept.

    Raises ``TypeError`` that names the field below ``field`` for anything but a plain https URL;
    http needs ``keys.allow_http``.
    """
    if trusted.jwks_uri is not None:
        return _plain_url(trusted.jwks_uri, settings.allow_http, f"{field}.jwks_uri")
    url = urlsplit(_plain_url(trusted.issuer, settings.allow_http, f"{field}.issuer"))
    return urlunsplit((url.scheme, url.netloc, url.path.rstrip("/") + _WELL_KNOWN, "", ""))


def _plain_url(text: str, allow_http: bool, field: str) -> str:
    if _PRINTABLE_ASCII.fullmatch(text) is None or _PLAIN_URL.fullmatch(text) is None:
        raise TypeError(
            f"{field}: must be an http(s) URL in printable ASCII "
            "without user info, query or fragment"
        )
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise TypeError(f"{field}: is not a URL") from None
    if not url.hostname:
        raise TypeError(f"{field}: is not a URL")
    if url.scheme != "https" and not allow_http:
        raise TypeError(f"{field}: must be https (http needs keys.allow_http)")
    return text
