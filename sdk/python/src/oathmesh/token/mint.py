"""Signing tokens. RFC 7515, 7.1; spec 1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from .base64url import encode_base64url
from .claims import Claims
from .signing_key import SigningKey
from .text import utf8


def mint(claims: Claims | Mapping[str, object], key: SigningKey) -> str:
    """Signs the claims as they are into an ``om+jwt`` in JWS compact serialization."""
    members = asdict(claims) if isinstance(claims, Claims) else dict(claims)
    header = {"typ": "om+jwt", "alg": "EdDSA", "kid": key.kid}
    signing_input = f"{_segment(header)}.{_segment(_present(members))}"
    signature = key.private_key.sign(signing_input.encode("ascii"))
    return f"{signing_input}.{encode_base64url(signature)}"


def _present(members: dict[str, object]) -> dict[str, object]:
    return {
        name: _present(value) if isinstance(value, dict) else value
        for name, value in members.items()
        if value is not None
    }


def _segment(value: Mapping[str, object]) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return encode_base64url(utf8(text))
