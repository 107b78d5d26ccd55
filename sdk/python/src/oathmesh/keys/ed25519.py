"""Signatures. RFC 8032, 5.1.7."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .ed25519_point import SMALL_ORDER_Y, P

#: Order of the base point.
_L = 2**252 + 27742317777372353535851937790883648493
_WITHOUT_SIGN = (1 << 255) - 1


def verify_ed25519(message: bytes, signature: bytes, key: Ed25519PublicKey) -> bool:
    """Whether this is the signature of the message under the key, cofactorless.

    Never raises for bytes of a caller. What libraries disagree on is refused before any of them is
    asked: S must be below the order of the base point, or a second signature could be made from a
    first one, and R must be in canonical encoding and not of small order. Keys of small order are
    refused where keys are read.
    """
    if len(signature) != 64:
        return False
    y = int.from_bytes(signature[:32], "little") & _WITHOUT_SIGN
    if y >= P or y in SMALL_ORDER_Y:
        return False
    if int.from_bytes(signature[32:], "little") >= _L:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
