import { decodeBase64url, encodeBase64url } from '../../../lib/token/base64url.ts'
import { type FuzzTarget, holds, text } from '../fuzz-target.ts'

/** Unpadded base64url: bytes have one spelling, and nothing but that is decoded. */
export const base64url: FuzzTarget = {
  name: 'base64url',
  seeds: ['', 'AA', 'AAA', 'AAAA', '_-_-', 'eyJhbGciOiJFZERTQSJ9', 'AB', 'AAB', 'A'].map(text),
  dictionary: ['=', '==', '+', '/', '-', '_', '\n', ' ', '%3d'],
  check(input) {
    const spelling = input.toString('latin1')
    const bytes = decodeBase64url(spelling)
    if (bytes !== undefined) holds(encodeBase64url(bytes) === spelling, 'another spelling decoded')
    const own = encodeBase64url(input)
    holds(decodeBase64url(own)?.equals(input) === true, 'our own spelling is not decoded')
  },
}
