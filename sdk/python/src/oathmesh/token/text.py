"""Texts as every implementation of the protocol counts and encodes them."""

from __future__ import annotations

import re

#: What JavaScript's ``trim`` takes away; Python's ``strip`` differs by six characters.
WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def utf8(text: str) -> bytes:
    """UTF-8, with U+FFFD for a lone surrogate, which JSON can spell and no encoding can hold."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, in which the bounds of the protocol are counted."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)
