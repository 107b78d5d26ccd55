"""Private Ed25519 keys. RFC 8037, 2; RFC 7638."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .base64url import encode_base64url


@dataclass(frozen=True)
class SigningKey:
    """A private Ed25519 key and the name under which its public half is published."""

    kid: str
    private_key: Ed25519PrivateKey = field(repr=False)


def read_signing_key(pem: str | bytes, kid: str | None = None) -> SigningKey:
    """Reads a private Ed25519 key, PKCS#8 in PEM.

    Its ``kid`` is the RFC 7638 thumbprint unless one is given, so that every holder of the file
    names the key alike. Raises ``TypeError``, which quotes nothing of the text, for anything else.
    """
    data = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except Exception:  # noqa: BLE001 - the library raises many kinds, whose texts help nobody
        raise TypeError("not a private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("not an Ed25519 key")
    return SigningKey(thumbprint(key.public_key()) if kid is None else kid, key)


def thumbprint(key: Ed25519PublicKey) -> str:
    """RFC 7638, 3, over the required members of RFC 8037, 2."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": _point_of(key)}
    text = json.dumps(members, separators=(",", ":"))
    return encode_base64url(hashlib.sha256(text.encode()).digest())


def public_jwk(key: SigningKey) -> dict[str, str]:
    """The public half of a signing key, as a JWK set publishes it."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": _point_of(key.private_key.public_key()),
        "kid": key.kid,
        "use": "sig",
        "alg": "EdDSA",
    }


def _point_of(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return encode_base64url(raw)
