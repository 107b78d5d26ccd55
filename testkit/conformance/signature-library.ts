import { type Ed25519Engine, nodeCrypto, verifyEd25519 } from '../../lib/keys/ed25519.ts'
import { readJwk } from '../../lib/keys/jwk.ts'
import { openEd25519 } from '../../lib/keys/open-ed25519.ts'
import { loadSodiumNative } from '../../lib/keys/sodium-native.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { type Judgement, jwkOfVector, type SignatureVector } from '../signature-vectors.ts'
import type { Outcome, Row } from './outcome.ts'

/** What the core makes of a signature: one word where its engines agree, and what each says where not. */
export function judgeByCore(vector: SignatureVector): Row {
  const sodium = loadSodiumNative()
  if (sodium === undefined) throw new Error('sodium-native is not installed: npm ci')
  const said = [nodeCrypto, sodium].map((engine) => [engine.name, judge(vector, engine)] as const)
  const [[, first] = ['', 'invalid' as const]] = said
  const got: Outcome = said.every(([, one]) => one === first)
    ? first
    : { code: said.map((one) => one.join(': ')).join(', ') }
  return { file: vector.file, name: vector.name, got }
}

/** What the engine that a service opens makes of it. */
export function judgeByNode(vector: SignatureVector): Row {
  const got = judge(vector, openEd25519(silentLog))
  return { file: vector.file, name: vector.name, got }
}

function judge(vector: SignatureVector, engine: Ed25519Engine): Judgement {
  let key: ReturnType<typeof readJwk>
  try {
    key = readJwk(jwkOfVector(vector))
  } catch {
    return 'key_refused'
  }
  return verifyEd25519(vector.message, vector.signature, key, engine) ? 'valid' : 'invalid'
}
