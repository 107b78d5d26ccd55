import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { decodeBase64url } from '../../lib/token/base64url.ts'

const derive = promisify<string, Buffer, number, ScryptCost, Buffer>(scrypt)

interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly maxmem: number
}

/** A client's secret as the configuration holds it. */
export interface SecretHash {
  readonly cost: ScryptCost
  readonly salt: Buffer
  readonly digest: Buffer
}

const FORM = /^scrypt\$(\d{5,6})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22,86})\$([\w-]{43})$/
const DIGEST_BYTES = 32
/** 32 MiB and about 60 ms. RFC 7914; the figure is OWASP's for secrets that people choose. */
const COST = costOf(32_768, 8, 1)
/** More would let one attempt take gigabytes. */
const MAX_N = 131_072

/** Reads `scrypt$N$r$p$salt$digest`. Throws `TypeError` for any other text, without quoting it. */
export function readSecretHash(text: string): SecretHash {
  const [, n, r, p, salt, digest] = FORM.exec(text) ?? []
  const bytes = [salt, digest].map((part) => decodeBase64url(part ?? ''))
  const cost = costOf(Number(n), Number(r), Number(p))
  const powerOfTwo = Number.isInteger(Math.log2(cost.N))
  const bearable = cost.N >= 16_384 && cost.N <= MAX_N && cost.r === 8 && cost.p <= 4 && cost.p > 0
  const [saltBytes, digestBytes] = bytes
  if (!powerOfTwo || !bearable || saltBytes === undefined || digestBytes === undefined) {
    throw new TypeError('is not a hash as "oathmesh client-secret" makes it')
  }
  return { cost, salt: saltBytes, digest: digestBytes }
}

/** Hashes a secret, spelled as `readSecretHash` reads it. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16)
  const digest = await derive(secret, salt, DIGEST_BYTES, COST)
  const { N, r, p } = COST
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${digest.toString('base64url')}`
}

/** Whether this is the hash of the secret. Takes tens of milliseconds of another thread. */
export async function matchesHash(secret: string, hash: SecretHash): Promise<boolean> {
  return timingSafeEqual(await derive(secret, hash.salt, DIGEST_BYTES, hash.cost), hash.digest)
}

/** For names nobody has: as slow as a wrong secret. */
export const nobodysHash: SecretHash = {
  cost: COST,
  salt: randomBytes(16),
  digest: randomBytes(DIGEST_BYTES),
}

function costOf(N: number, r: number, p: number): ScryptCost {
  return { N, r, p, maxmem: 256 * N * r }
}
