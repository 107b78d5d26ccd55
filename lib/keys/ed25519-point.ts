/** The field prime 2^255 - 19 and the curve constant d. RFC 8032, 5.1. */
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** Of a point: y, and the lowest bit of x on top of it. RFC 8032, 5.1.2. */
export const POINT_BYTES = 32

/**
 * The y coordinates of the eight points whose order divides the cofactor. Under such a key, one
 * signature fits many or all messages, so whoever publishes it has published a skeleton key.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
])

/** The same as bytes, the highest bit cleared, one character a byte: a look-up, and no arithmetic for each call. */
const SMALL_ORDER_BYTES: ReadonlySet<string> = new Set(
  Array.from(SMALL_ORDER_Y, (y) =>
    Buffer.from(y.toString(16).padStart(2 * POINT_BYTES, '0'), 'hex')
      .reverse()
      .toString('latin1'),
  ),
)

/**
 * Why these 32 bytes are no Ed25519 public key to trust, or `undefined` when they are one: in
 * canonical encoding (y below the prime), on the curve, and not of small order. RFC 8032, 5.1.3.
 */
export function pointFault(bytes: Uint8Array): string | undefined {
  if (bytes.length !== POINT_BYTES) return 'x is not 32 bytes long'
  const y = BigInt.asUintN(255, littleEndian(bytes))
  if (y >= P) return 'x is not in canonical encoding'
  if (SMALL_ORDER_Y.has(y)) return 'x is a point of small order'
  return isOnCurve(y) ? undefined : 'x is not a point of the curve'
}

/** Whether y of these 32 bytes is below the prime. */
export function isCanonicalY(bytes: Uint8Array): boolean {
  if (((bytes[POINT_BYTES - 1] ?? 0) & 0x7f) !== 0x7f) return true
  return BigInt.asUintN(255, littleEndian(bytes)) < P
}

/** Whether 32 bytes with a canonical y stand for a point whose order divides the cofactor. */
export function isOfSmallOrder(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, POINT_BYTES - 1).toString('latin1')
  return SMALL_ORDER_BYTES.has(text + String.fromCharCode((bytes[POINT_BYTES - 1] ?? 0) & 0x7f))
}

/** x² = (y² - 1) / (d·y² + 1) has a root iff the product of the two is a square (Euler). */
function isOnCurve(y: bigint): boolean {
  const square = (y * y) % P
  const product = (square + P - 1n) * (D * square + 1n)
  return power(product % P, (P - 1n) / 2n) === 1n
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}

/** The number that these bytes are. */
export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
