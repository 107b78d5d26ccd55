import { createHash } from 'node:crypto'

/**
 * Ed25519 as RFC 8032 writes it, in plain integers: slow, readable, and independent of OpenSSL, to
 * which both node:crypto and jose lead. Points are extended coordinates (X, Y, Z, T).
 */
export type Point = readonly [bigint, bigint, bigint, bigint]

const P = 2n ** 255n - 19n
/** Order of the base point. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n
const D = mod(-121665n * power(121666n, P - 2n))
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n)

export const NEUTRAL: Point = [0n, 1n, 1n, 0n]
export const BASE = expectPoint(decodePoint(encodeInteger(mod(4n * power(5n, P - 2n)))))

/** RFC 8032, 5.1.7, without the cofactor: R and S must be canonical, and the equation exact. */
export function verifyReference(
  message: Uint8Array,
  signature: Uint8Array,
  key: Uint8Array,
): boolean {
  if (signature.length !== 64 || key.length !== 32) return false
  const encodedR = signature.subarray(0, 32)
  const s = integer(signature.subarray(32))
  const a = decodePoint(key)
  if (a === undefined || s >= L) return false
  const right = multiply(negate(a), challenge(encodedR, key, message))
  return Buffer.from(encodePoint(add(multiply(BASE, s), right))).equals(encodedR)
}

/** SHA-512(R ‖ A ‖ M) as an integer below L. */
export function challenge(r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  return integer(createHash('sha512').update(r).update(key).update(message).digest()) % L
}

/** RFC 8032, 5.1.3: strict, so a y of P or above and a negative zero are no points. */
export function decodePoint(bytes: Uint8Array): Point | undefined {
  const y = BigInt.asUintN(255, integer(bytes))
  const isOdd = (bytes[31] ?? 0) >= 0x80
  if (y >= P) return undefined
  const u = mod(y * y - 1n)
  const v = mod(D * y * y + 1n)
  let x = mod(u * v ** 3n * power(u * v ** 7n, (P - 5n) / 8n))
  if (mod(v * x * x) === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE)
  if (mod(v * x * x) !== u || (x === 0n && isOdd)) return undefined
  if (((x & 1n) === 1n) !== isOdd) x = P - x
  return [x, y, 1n, mod(x * y)]
}

export function encodePoint([x, y, z]: Point): Uint8Array {
  const inverse = power(z, P - 2n)
  return encodeInteger(mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n))
}

/** RFC 8032, 5.1.4. */
export function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = mod((y1 - x1) * (y2 - x2))
  const b = mod((y1 + x1) * (y2 + x2))
  const c = mod(2n * D * t1 * t2)
  const d = mod(2n * z1 * z2)
  const [e, f, g, h] = [b - a, d - c, d + c, b + a]
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)]
}

export function multiply(point: Point, scalar: bigint): Point {
  let result = NEUTRAL
  let double = point
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, double)
    double = add(double, double)
  }
  return result
}

export function negate([x, y, z, t]: Point): Point {
  return [mod(-x), y, z, mod(-t)]
}

/** Little-endian. */
export function integer(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`)
}

/** 32 bytes, little-endian. */
export function encodeInteger(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()
}

function expectPoint(point: Point | undefined): Point {
  if (point === undefined) throw new Error('not a point')
  return point
}

function mod(value: bigint): bigint {
  const rest = value % P
  return rest < 0n ? rest + P : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = mod(base)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}
