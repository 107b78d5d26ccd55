"""Reading request paths by allow list. Design 4."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from ..token.text import WHITE_SPACE

# RFC 3986, 3.3: pchar, and "/" between segments. All else only reaches us from who tries.
_RAW_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+")

# What a segment must not hold once it is decoded. "/" and "\" are separators to some upstream, ";"
# starts parameters that servlet containers cut off, "#" and "?" end the path of one that decodes
# before it parses, "%" would be decoded a second time.
_CROSSES_SEGMENTS = frozenset("/\\;#?%")


def path_segments(raw_path: str) -> tuple[str, ...] | None:
    """The decoded segments of a raw request path, or ``None`` when readers might differ on it.

    What may stand there is listed, and nothing is repaired: a path with a dot segment, an empty
    segment before the last, broken encoding or an encoded separator is not read at all, however
    harmless its repaired form looks.
    """
    if _RAW_PATH.fullmatch(raw_path) is None:
        return None
    segments = []
    for raw in raw_path[1:].split("/"):
        segment = _decode(raw)
        if segment is None:
            return None
        segments.append(segment)
    last = segments[-1]
    if not all(map(is_plain_segment, segments[:-1])) or not (last == "" or is_plain_segment(last)):
        return None
    return tuple(segments)


def is_plain_segment(segment: str) -> bool:
    """Whether a decoded segment, not an empty one, is one that every reader takes for the same."""
    if segment == "" or not _CROSSES_SEGMENTS.isdisjoint(segment):
        return False
    # Controls end strings early.
    if any(unicodedata.category(char) == "Cc" for char in segment):
        return False
    # White space that a reader trims, and dots that lead elsewhere.
    if _is_space(segment[0]) or _is_space(segment[-1]):
        return False
    return not all(char == "." or _is_space(char) for char in segment)


def _is_space(char: str) -> bool:
    return char in WHITE_SPACE or unicodedata.category(char).startswith("Z")


def _decode(raw: str) -> str | None:
    if "%" not in raw:
        return raw
    try:
        return unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
