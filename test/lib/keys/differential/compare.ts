import { flattenedVerify, importJWK } from 'jose'
import { type Ed25519Key, nodeCrypto, verifyEd25519 } from '../../../../lib/keys/ed25519.ts'
import { isOfSmallOrder } from '../../../../lib/keys/ed25519-point.ts'
import { readJwk } from '../../../../lib/keys/jwk.ts'
import { loadSodiumNative } from '../../../../lib/keys/sodium-native.ts'
import { describeSample, type Sample, Signatures } from './signatures.ts'

/** What three voices say of one sample. */
interface Voices {
  readonly node: boolean
  readonly sodium: boolean
  readonly jose: boolean
}

export interface Comparison {
  readonly samples: number
  /** Verified by our two engines and by jose. */
  readonly accepted: number
  readonly keysRefused: number
  /** Of 64 bytes and of small order R: what jose and OpenSSL accept, and we and libsodium do not. */
  readonly smallOrder: number
  readonly byKind: Readonly<Record<string, number>>
  /** Each told in full; there must be none. */
  readonly differences: readonly string[]
}

interface Known {
  readonly ours: Ed25519Key
  readonly jose: Awaited<ReturnType<typeof importJWK>>
}

/** Asks node:crypto, libsodium and jose about so many signatures of every kind. */
export async function compare(
  samples: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Promise<Comparison> {
  const sodium = loadSodiumNative()
  if (sodium === undefined) throw new Error('sodium-native is not installed: npm ci')
  const signatures = new Signatures(seed)
  const keys = new Map<string, Known | undefined>()
  const byKind: Record<string, number> = {}
  const differences: string[] = []
  const counts = { accepted: 0, keysRefused: 0, smallOrder: 0 }
  for (let done = 0; done < samples; done++) {
    const sample = signatures.next()
    byKind[sample.kind] = (byKind[sample.kind] ?? 0) + 1
    const key = await known(sample, keys)
    if (key === undefined) {
      counts.keysRefused += 1
      continue
    }
    const { message, signature } = sample
    const bytes = Buffer.from(message)
    const voices: Voices = {
      node: verifyEd25519(bytes, signature, key.ours, nodeCrypto),
      sodium: verifyEd25519(bytes, signature, key.ours, sodium),
      jose: await joseAccepts(sample, key),
    }
    const isSmall = signature.length === 64 && isOfSmallOrder(signature)
    if (isSmall) counts.smallOrder += 1
    if (voices.node) counts.accepted += 1
    if (isDifference(voices, isSmall)) {
      differences.push(`${JSON.stringify(voices)} ${describeSample(sample)}`)
    }
    if (done % 10_000 === 0) progress(done)
  }
  return { samples, ...counts, byKind, differences }
}

function isDifference({ node, sodium, jose }: Voices, isSmall: boolean): boolean {
  return node !== sodium || (isSmall ? node : node !== jose)
}

async function known(
  { key }: Sample,
  keys: Map<string, Known | undefined>,
): Promise<Known | undefined> {
  const x = Buffer.from(key).toString('base64url')
  if (keys.has(x)) return keys.get(x)
  let made: Known | undefined
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', kid: 'sample', x }
    made = { ours: readJwk(jwk), jose: await importJWK(jwk, 'EdDSA') }
  } catch {
    // Refused where keys are read: no signature of it is ever looked at.
  }
  // Keys with a flipped bit come once each.
  if (keys.size < 1000) keys.set(x, made)
  return made
}

async function joseAccepts({ message, signature }: Sample, key: Known): Promise<boolean> {
  const [header = '', payload = ''] = message.split('.')
  const encoded = Buffer.from(signature).toString('base64url')
  try {
    await flattenedVerify({ protected: header, payload, signature: encoded }, key.jose)
    return true
  } catch {
    return false
  }
}
