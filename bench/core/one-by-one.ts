import { performance } from 'node:perf_hooks'
import { nodeCrypto } from '../../lib/keys/ed25519.ts'
import { readJwk } from '../../lib/keys/jwk.ts'
import { KEYS, publicJwk } from '../../testkit/keys.ts'
import { median } from '../shared/statistics.ts'
import { callWith, token, verifierWith } from './verifiers.ts'

const [ROUNDS, WARM_UP, CALLS] = [40, 5, 250]

/** Medians of calls one by one, which what else runs on the machine hardly moves. */
export interface OneByOne {
  readonly bareMedianMicroseconds: number
  readonly pipelineMedianMicroseconds: number
}

/** One verification with node:crypto, and the whole core around it with ten rules, in blocks that take turns. */
export async function measureOneByOne(): Promise<OneByOne> {
  const verifier = verifierWith({ ed25519: nodeCrypto, rules: 10 })
  const key = readJwk(publicJwk(KEYS.trusted))
  const bare: number[] = []
  const pipeline: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const tokens = Array.from({ length: CALLS }, () => token())
    if (round === 0) bare.length = pipeline.length = 0
    for (const [message, signature] of tokens.map(takeApart)) {
      const start = performance.now()
      nodeCrypto.verify(message, signature, key)
      bare.push((performance.now() - start) * 1000)
    }
    for (const text of tokens) {
      const start = performance.now()
      const { verdict } = await verifier.decide(callWith(`OathMesh ${text}`))
      pipeline.push((performance.now() - start) * 1000)
      if (verdict.outcome !== 'allow') throw new Error(`refused: ${verdict.denial.reason}`)
    }
  }
  return { bareMedianMicroseconds: median(bare), pipelineMedianMicroseconds: median(pipeline) }
}

function takeApart(text: string): readonly [message: Buffer, signature: Buffer] {
  const dot = text.lastIndexOf('.')
  return [Buffer.from(text.slice(0, dot)), Buffer.from(text.slice(dot + 1), 'base64url')]
}
