"""Base64url in its one canonical spelling. RFC 4648, 3.5; spec 1.5."""

from __future__ import annotations

import base64
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")
_VALUES = {
    char: value
    for value, char in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
}
# Bits of the last character that encode nothing, by length modulo 4.
_SPARE_BITS = (0, 0, 0b1111, 0b11)


def decode_base64url(text: str) -> bytes | None:
    """Decodes unpadded base64url, or gives ``None`` for anything but its canonical spelling.

    Python's own decoder skips characters outside the alphabet and ignores trailing bits, so that
    many texts would stand for one signature.
    """
    remainder = len(text) % 4
    if remainder == 1 or _ALPHABET.fullmatch(text) is None:
        return None
    spare = _SPARE_BITS[remainder]
    if spare and _VALUES[text[-1]] & spare:
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode_base64url(data: bytes) -> str:
    """Encodes without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
