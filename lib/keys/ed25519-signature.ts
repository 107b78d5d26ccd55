import { isCanonicalY, isOfSmallOrder, littleEndian, POINT_BYTES } from './ed25519-point.ts'

const SIGNATURE_BYTES = 64
/** Order of the base point. RFC 8032, 5.1. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n
/** The highest byte of L: what has less there is below L. */
const L_TOP = 0x10

/**
 * Whether every library gives one answer for these bytes, which are R ‖ S. They do not where S is not below L
 * (a second signature made from a first one), where R is not in the encoding that RFC 8032 produces, and where
 * R is a point of small order, which only the holder of the key can make fit. RFC 8032, 5.1.7.
 */
export function isPlainSignature(signature: Uint8Array): boolean {
  return (
    signature.length === SIGNATURE_BYTES &&
    isBelowL(signature) &&
    isCanonicalY(signature.subarray(0, POINT_BYTES)) &&
    !isOfSmallOrder(signature)
  )
}

function isBelowL(signature: Uint8Array): boolean {
  if ((signature[SIGNATURE_BYTES - 1] ?? 0) < L_TOP) return true
  return littleEndian(signature.subarray(POINT_BYTES)) < L
}
