"""What proves a caller to an issuer."""

from __future__ import annotations

import re
from typing import Callable

#: Sent as ``Bearer``; asked for anew with every token.
Credential = Callable[[], str]

_USABLE = re.compile(r"[\x21-\x7e]+")


def credential_of(value: str | Credential) -> Credential:
    """A credential from what a caller gives: the text itself, or a function that has a fresh one.

    Raises ``TypeError``, which quotes nothing of the text, for one that no header can hold.
    """
    if callable(value):
        return value
    text = checked_credential(value)
    return lambda: text


def checked_credential(value: object) -> str:
    """The text, when a header can hold it; a line break at the end is the usual mistake."""
    if not isinstance(value, str) or value == "":
        raise TypeError("credential: must be a non-empty string or a function that gives one")
    if _USABLE.fullmatch(value) is None:
        raise TypeError(
            "credential: must be printable ASCII without white space (is there a line break in it?)"
        )
    return value
