"""Globs in linear time. Spec 9.2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable


def compile_glob(pattern: str) -> Callable[[str], bool]:
    """Compiles a pattern in which each ``*`` stands for any run of characters, or for none.

    Everything else is literal: the match covers the whole text, heeds case, and ``/`` is not
    special. Pieces between stars are sought from left to right and never tried again: if the
    leftmost place for a piece does not leave room for the rest, no later place does. No regular
    expression is involved.
    """
    prefix, *rest = pattern.split("*")
    if not rest:
        return lambda text: text == pattern
    suffix = rest.pop()
    middle = [piece for piece in rest if piece != ""]
    shortest = sum(map(len, (prefix, *middle, suffix)))

    def matches(text: str) -> bool:
        # The length keeps prefix and suffix from sharing characters: ab*ba does not match aba.
        if len(text) < shortest or not text.startswith(prefix) or not text.endswith(suffix):
            return False
        return not middle or _in_order(text, middle, len(prefix), len(text) - len(suffix))

    return matches


def _in_order(text: str, pieces: Sequence[str], start: int, end: int) -> bool:
    """Whether the pieces stand between ``start`` and ``end``, one after the other."""
    at = start
    for piece in pieces:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
