"""JSON that every parser reads alike. Spec 1.5."""

from __future__ import annotations

import json
from typing import NoReturn

from .deep_json import parse_deep_json


def parse_strict_json(data: bytes | str) -> object:
    """Parses JSON.

    Numbers written with ``.`` or an exponent come as ``float``, others as ``int``. Raises
    ``ValueError`` for invalid UTF-8, for a member name that stands twice in one object, and for
    anything that is not JSON by RFC 8259; the message quotes nothing of the text.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("invalid UTF-8") from None
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        # Its message is harmless, but the exception carries the whole document.
        raise ValueError("not JSON") from None
    except RecursionError:
        # Nesting is no error of its own: other parsers take any depth that a token can hold.
        return parse_deep_json(text, whole_number, unique_members, _refuse)


def whole_number(text: str) -> int | float:
    """A number without fraction and exponent.

    A long one is only good to be out of range, and Python refuses to read thousands of digits.
    """
    return int(text) if len(text) <= 20 else float(text)


def unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of these members. Raises ``ValueError`` when two have one name."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member name")
    return members


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=unique_members,
    parse_int=whole_number,
    # NaN and Infinity, which Python takes for JSON.
    parse_constant=_refuse,
)
