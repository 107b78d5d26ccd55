"""One public key of a JWK set. RFC 8037, 2; spec 5.2."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..token.base64url import decode_base64url
from ..token.text import utf16_length
from .ed25519_point import point_fault
from .key_source import VerificationKey

#: Bounds what a caller can make us remember: no longer ``kid`` is ever looked for.
MAX_KID_LENGTH = 256

# RFC 7518, 6: the private members of every key type. Whoever publishes one has lost the key.
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv", "seed")


def read_jwk(value: object) -> VerificationKey:
    """Imports one public Ed25519 key.

    Raises ``TypeError`` with the reason, which never quotes a value, for every other kind of entry.
    """
    if not isinstance(value, dict):
        raise TypeError("is not an object")
    kid = value.get("kid")
    if not isinstance(kid, str) or not 0 < utf16_length(kid) <= MAX_KID_LENGTH:
        raise TypeError(f"kid is not a string of 1 to {MAX_KID_LENGTH} characters")
    if any(name in value for name in _PRIVATE_MEMBERS):
        raise TypeError("holds a private key")
    if value.get("kty") != "OKP":
        raise TypeError("kty is not OKP")
    if value.get("crv") != "Ed25519":
        raise TypeError("crv is not Ed25519")
    _check_purpose(value)
    key = Ed25519PublicKey.from_public_bytes(_read_point(value.get("x")))
    return VerificationKey(kid, key, "EdDSA" if "alg" in value else None)


def _check_purpose(jwk: dict[str, object]) -> None:
    if jwk.get("use", "sig") != "sig":
        raise TypeError("use is not sig")
    if jwk.get("alg", "EdDSA") != "EdDSA":
        raise TypeError("alg is not EdDSA")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise TypeError("key_ops lacks verify")


def _read_point(x: object) -> bytes:
    if not isinstance(x, str):
        raise TypeError("x is not a string")
    data = decode_base64url(x)
    if data is None:
        raise TypeError("x is not base64url")
    fault = point_fault(data)
    if fault is not None:
        raise TypeError(fault)
    return data
