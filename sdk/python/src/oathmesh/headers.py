"""Which headers are ours to set. Design 4."""

from __future__ import annotations

import re

_PREFIX = "x-oathmesh-"
# Whatever cannot be part of a header's name separates names. RFC 9110, 5.6.2.
_BETWEEN_NAMES = re.compile(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]+")


def is_identity_header(name: str) -> bool:
    """Whether an application could read a header of this name as one of ours.

    CGI and WSGI fold ``_`` and ``-`` together, so no spelling may pass.
    """
    return name.lower().replace("_", "-").startswith(_PREFIX)


def names_ours(connection: str) -> bool:
    """Whether a value of ``Connection`` names ``Authorization`` or an identity header."""
    return any(
        is_identity_header(name) or name.lower().replace("_", "-") == "authorization"
        for name in _BETWEEN_NAMES.split(connection)
    )
