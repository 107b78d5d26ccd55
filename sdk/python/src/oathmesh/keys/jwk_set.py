"""A JWK set: the usable keys, and why each of the others was dropped. RFC 7517, 5; spec 5.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..token.strict_json import parse_strict_json
from .jwk import read_jwk
from .key_source import VerificationKey

#: Far above any rotation; bounds the work one document can cause.
MAX_KEYS = 100


class JwkSet(NamedTuple):
    """What a good document says."""

    keys: Mapping[str, VerificationKey]
    dropped: tuple[str, ...]


def parse_jwk_set(text: bytes | str) -> JwkSet:
    """Reads a document as text. Raises ``TypeError`` when all of it is unusable."""
    try:
        value = parse_strict_json(text)
    except ValueError:
        raise TypeError("is not JSON in UTF-8 with unique member names") from None
    return read_jwk_set(value)


def read_jwk_set(value: object) -> JwkSet:
    """Imports the keys of one document.

    An unusable key is dropped alone; a set without usable keys is a good document, because that is
    how an issuer withdraws all of them. Raises ``TypeError`` when it is no JWK set, is too large,
    or gives two entries one ``kid``: which was meant, only the sender of the next token would
    decide.
    """
    keys: dict[str, VerificationKey] = {}
    dropped: list[str] = []
    for index, entry in enumerate(_entries_of(value)):
        try:
            key = read_jwk(entry)
            keys[key.kid] = key
        except (TypeError, ValueError) as fault:
            dropped.append(f"keys[{index}] {fault}")
    return JwkSet(keys, tuple(dropped))


def _entries_of(value: object) -> list[object]:
    if not isinstance(value, dict):
        raise TypeError("is not a JSON object")
    entries = value.get("keys")
    if not isinstance(entries, list):
        raise TypeError('has no list "keys"')
    if len(entries) > MAX_KEYS:
        raise TypeError(f"has more than {MAX_KEYS} keys")
    kids: set[str] = set()
    for entry in entries:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str):
            continue
        if kid in kids:
            raise TypeError("gives one kid to two keys")
        kids.add(kid)
    return entries
