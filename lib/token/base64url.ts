const ALPHABET = /^[A-Za-z0-9_-]*$/
/** Bits of the last character that encode nothing, by length modulo 4. RFC 4648, 3.5. */
const SPARE_BITS = [0, 0, 0b1111, 0b11] as const

/**
 * Decodes unpadded base64url in its one canonical spelling, or gives `undefined`.
 *
 * Node's own decoder skips characters outside the alphabet and ignores trailing bits, so that many
 * texts would stand for one signature. Spec 1.5.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const remainder = text.length % 4
  if (remainder === 1 || !ALPHABET.test(text)) return undefined
  const spare = SPARE_BITS[remainder] ?? 0
  if (spare !== 0 && (sextet(text.charCodeAt(text.length - 1)) & spare) !== 0) return undefined
  return Buffer.from(text, 'base64url')
}

export function encodeBase64url(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') return Buffer.from(bytes).toString('base64url')
  return Buffer.from(bytes).toString('base64url')
}

/** Value of one character that is known to belong to the alphabet. */
function sextet(code: number): number {
  if (code >= 97) return code - 71 // a–z
  if (code === 95) return 63 // _
  if (code >= 65) return code - 65 // A–Z
  if (code >= 48) return code + 4 // 0–9
  return 62 // -
}
