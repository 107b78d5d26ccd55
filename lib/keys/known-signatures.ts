import { createPublicKey } from 'node:crypto'
import { encodeBase64url } from '../token/base64url.ts'
import type { Ed25519Engine, Ed25519Key } from './ed25519.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')

/** RFC 8032, 7.1, TEST 3. */
const POINT = bytes('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025')
const MESSAGE = bytes('af82')
const GOOD = bytes(
  '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
)
/** Its R is moved by a point of order 8: good only for whoever multiplies both sides by the cofactor. */
const COFACTOR = bytes(
  'b15bf26424d1b69dd33b7a9e57db5de4a2aadea4a2a051efd9bfd6af74165d2b76dd36690cfd17928980800b9b4fabc581934075f6dc082824227b95ae3b6f09',
)

/**
 * Throws `Error` unless the engine verifies as this product does: a library that is broken, or of a release that
 * judges otherwise, must not decide who gets in.
 */
export function checkKnownSignatures({ verify }: Pick<Ed25519Engine, 'verify'>): void {
  const x = encodeBase64url(POINT)
  const key: Ed25519Key = {
    key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
    point: POINT,
  }
  const other = Buffer.from('af83', 'hex')
  if (!verify(MESSAGE, GOOD, key)) throw new Error('it refuses a good signature')
  if (verify(other, GOOD, key)) throw new Error('it accepts a signature of another message')
  if (verify(MESSAGE, COFACTOR, key))
    throw new Error('it accepts a signature that fits only eightfold')
}
