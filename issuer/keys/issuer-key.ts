import type { SigningKey } from '../../lib/token/mint.ts'
import { type PublicJwk, publicJwk, readSigningKey } from '../../lib/token/signing-key.ts'

/** One key of the issuer, and from when on it may sign. Its `kid` follows from the key alone (W-34). */
export interface IssuerKey extends SigningKey {
  readonly jwk: PublicJwk
  /** Unix seconds; 0 for a key that has been active all along. */
  readonly activeAt: number
  /** Its name in the key directory. */
  readonly file: string
}

/** `1774911065.<kid>.pem`, or any other name in `.pem`. */
const ACTIVATION = /^(\d{9,11})\./

/**
 * Reads a key file: a PKCS#8 PEM, whose name begins with the Unix second of its activation, if it has
 * one. Throws `TypeError` for any other content; no message quotes it.
 */
export function readIssuerKey(file: string, pem: string | Uint8Array): IssuerKey {
  const key = readSigningKey(pem)
  const activeAt = Number(ACTIVATION.exec(file)?.[1] ?? 0)
  return { ...key, jwk: publicJwk(key), activeAt, file }
}

/** The name under which a key is written that becomes active at this Unix second. */
export function keyFileName(kid: string, activeAt: number): string {
  return `${activeAt}.${kid}.pem`
}
