"""Which 32 bytes are a public key to trust. RFC 8032, 5.1."""

from __future__ import annotations

#: The field prime and the curve constant.
P = 2**255 - 19
_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555

#: The y coordinates of the eight points whose order divides the cofactor. Under such a key one
#: signature fits many or all messages, so whoever publishes it has published a skeleton key.
SMALL_ORDER_Y = frozenset(
    (
        0,
        1,
        P - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    )
)
_WITHOUT_SIGN = (1 << 255) - 1


def point_fault(data: bytes) -> str | None:
    """Why these bytes are no Ed25519 public key to trust, or ``None`` when they are one.

    A good one is in canonical encoding (y below the prime), on the curve, and not of small order.
    RFC 8032, 5.1.3.
    """
    if len(data) != 32:
        return "x is not 32 bytes long"
    y = int.from_bytes(data, "little") & _WITHOUT_SIGN
    if y >= P:
        return "x is not in canonical encoding"
    if y in SMALL_ORDER_Y:
        return "x is a point of small order"
    return None if _is_on_curve(y) else "x is not a point of the curve"


def _is_on_curve(y: int) -> bool:
    """x² = (y² - 1) / (d·y² + 1) has a root iff the product of the two is a square (Euler)."""
    square = y * y % P
    return pow((square - 1) * (_D * square + 1), (P - 1) // 2, P) == 1
