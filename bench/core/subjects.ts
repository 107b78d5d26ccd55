import { createPublicKey } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { importJWK, jwtVerify } from 'jose'
import { type Ed25519Engine, type Ed25519Key, nodeCrypto } from '../../lib/keys/ed25519.ts'
import { readJwk } from '../../lib/keys/jwk.ts'
import { loadSodiumNative } from '../../lib/keys/sodium-native.ts'
import { KEYS, publicJwk } from '../../testkit/keys.ts'
import type { Subject } from '../shared/rounds.ts'
import { callWith, token, verifierWith } from './verifiers.ts'

/** Gives the processor time of one call in microseconds, as the mean over a block. */
export interface CoreSubject extends Subject<number> {
  /** The subject that it is compared with. */
  readonly to: string
}

type Run = (token: string) => unknown

export async function openSubjects(
  calls: number,
  records: number,
): Promise<readonly CoreSubject[]> {
  const sodium = loadSodiumNative()
  if (sodium === undefined) throw new Error('sodium-native is not installed: npm ci')
  const own = `whole pipeline, ${sodium.name}`
  const key = readJwk(publicJwk(KEYS.trusted))
  const subject = (
    name: string,
    to: string,
    run: Run,
    make: () => string = token,
  ): CoreSubject => ({
    name,
    to,
    block: () => block(run, Array.from({ length: calls }, make)),
  })
  const [withNode, withSodium] = [nodeCrypto, sodium].map((ed25519) =>
    allowing({ ed25519, rules: 10 }),
  )
  if (withNode === undefined || withSodium === undefined) throw new Error('no engine')
  const josesKey = await importJWK(publicJwk(KEYS.trusted), 'EdDSA')
  const pem = createPublicKey(KEYS.trusted.privateKey).export({ format: 'pem', type: 'spki' })
  const fast = createVerifier({ key: pem.toString(), algorithms: ['EdDSA'] })
  const refusing = verifierWith({ ed25519: sodium, rules: 10 })
  const refused = (name: string, make: () => string | undefined) =>
    subject(`refused before step 5: ${name}`, own, async () => {
      const { verdict } = await refusing.decide(callWith(make()))
      if (verdict.outcome !== 'deny') throw new Error(`${name} was allowed`)
    })
  const bareNode = `bare ${nodeCrypto.name}`
  return [
    subject(bareNode, bareNode, bare(nodeCrypto, key)),
    subject(`bare ${sodium.name}`, bareNode, bare(sodium, key)),
    subject(`whole pipeline, ${nodeCrypto.name}`, bareNode, withNode),
    subject(own, `bare ${sodium.name}`, withSodium),
    subject('jose jwtVerify, which remembers no ids', own, (text) => jwtVerify(text, josesKey)),
    subject('fast-jwt without a cache, which remembers no ids', own, (text) => fast(text)),
    subject('whole pipeline, 100 rules', own, allowing({ ed25519: sodium, rules: 100 })),
    subject('whole pipeline, 1000 rules', own, allowing({ ed25519: sodium, rules: 1000 })),
    subject(
      `whole pipeline, ${records} ids in memory`,
      own,
      allowing({ ed25519: sodium, rules: 10, records }),
    ),
    refused('no token', () => undefined),
    refused('not a token', () => 'OathMesh not-a-token'),
    refused('an unknown issuer', () => `OathMesh ${UNKNOWN_ISSUER}`),
  ]
}

const UNKNOWN_ISSUER = token({ iss: 'https://nobody.example.test' })

function bare(engine: Ed25519Engine, key: Ed25519Key): Run {
  return (text) => {
    const dot = text.lastIndexOf('.')
    const message = Buffer.from(text.slice(0, dot))
    const signature = Buffer.from(text.slice(dot + 1), 'base64url')
    if (!engine.verify(message, signature, key)) throw new Error('a good signature was refused')
  }
}

function allowing(choice: Parameters<typeof verifierWith>[0]): Run {
  const verifier = verifierWith(choice)
  return async (text) => {
    const { verdict } = await verifier.decide(callWith(`OathMesh ${text}`))
    if (verdict.outcome !== 'allow') throw new Error(`refused: ${verdict.denial.reason}`)
  }
}

async function block(run: Run, tokens: readonly string[]): Promise<number> {
  const before = process.cpuUsage()
  for (const each of tokens) await run(each)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / tokens.length
}
