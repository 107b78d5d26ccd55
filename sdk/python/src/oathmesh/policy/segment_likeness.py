"""What a reader less exact than we are may take for the same."""

from __future__ import annotations

import re
import unicodedata

from ..token.text import WHITE_SPACE

# What folding leaves alone. Most segments are such.
_FOLDED = re.compile(r"[a-z0-9_-]*")
_DOT_NEXT = re.compile(r" *\.")


def fold_segment(segment: str) -> str:
    """Folds a segment, so that what is equal to some less exact reader is equal.

    Without case (Express, IIS), compatible characters as one (full width, the Kelvin sign), ``+``
    as a space (form decoders), without accents and invisible characters.
    """
    if _FOLDED.fullmatch(segment) is not None:
        return segment
    apart = unicodedata.normalize("NFKD", segment)
    seen = "".join(char for char in apart if not _is_dropped(unicodedata.category(char)))
    return seen.upper().lower().replace("+", " ").strip(WHITE_SPACE)


def is_like(one: str, other: str) -> bool:
    """Whether some reader may take one folded segment for the other.

    They are equal, or one is the other up to a dot: Rails and Spring take ``.json`` off, Windows
    dots at the end; a file server may add ``.html``. ``a.json`` is not like ``a.pdf``.
    """
    return one == other or _is_up_to_dot(one, other) or _is_up_to_dot(other, one)


def _is_up_to_dot(short: str, long: str) -> bool:
    if short == "" or not long.startswith(short):
        return False
    return _DOT_NEXT.match(long, len(short)) is not None


def _is_dropped(category: str) -> bool:
    # Accents, for a forgiving database, and characters that nobody sees.
    return category.startswith("M") or category == "Cf"
