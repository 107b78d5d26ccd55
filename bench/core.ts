import { createPublicKey, verify } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Call } from '../lib/call.ts'
import type { PolicyRule } from '../lib/index.ts'
import { KeyCache } from '../lib/keys/key-cache.ts'
import { silentLog } from '../lib/ports/log.ts'
import { MemoryReplayStore } from '../lib/replay/memory-store.ts'
import { mint } from '../lib/token/mint.ts'
import { openVerifier } from '../lib/verify/open-verifier.ts'
import { parseConfig } from '../schema/parse-config.ts'
import { toKeySettings, toTrustedIssuers, toVerifierSettings } from '../schema/to-settings.ts'
import { KEYS } from '../testkit/keys.ts'
import { BASE_CONFIG } from '../testkit/vectors.ts'
import { median, quantile } from './statistics.ts'

const ROUNDS = 40
const CALLS = 250

export interface CoreFigures {
  readonly bareMicroseconds: number
  readonly pipelineMicroseconds: number
  readonly pipelineP99Microseconds: number
  readonly ratio: number
  /** Of calls one by one, which what else runs on the machine hardly moves. */
  readonly bareMedianMicroseconds: number
  readonly pipelineMedianMicroseconds: number
}

/**
 * The whole pipeline (memory store, ten rules of which the last one allows) against one `crypto.verify`
 * of the same message. The two take turns in blocks, so that both meet the same moods of the machine.
 */
export async function benchCore(): Promise<CoreFigures> {
  const now = Date.now()
  const rules: PolicyRule[] = Array.from({ length: 9 }, (_, at) => ({
    name: `other-${at}`,
    allow: true,
    match: { sub: `agent://team-${at}/*`, act: 'inventory.*' },
  }))
  const allow: PolicyRule = {
    name: 'bots',
    allow: true,
    match: { sub: 'agent://repo/acme/*', act: 'inventory.*' },
  }
  const config = parseConfig({ ...BASE_CONFIG, policy: { rules: [...rules, allow] } })
  const clock = { now: () => now }
  const verifier = openVerifier(toVerifierSettings(config, 'bench'), {
    keys: new KeyCache({
      issuers: toTrustedIssuers(config),
      settings: toKeySettings(config),
      clock,
      log: silentLog,
    }),
    replay: new MemoryReplayStore({ maxEntries: 1_000_000, startedAt: now / 1000 - 1000 }),
    clock,
  })
  const publicKey = createPublicKey(KEYS.trusted.privateKey)
  const bare: number[] = []
  const pipeline: number[] = []
  const single: number[] = []
  const bareSingle: number[] = []
  for (let round = -5; round < ROUNDS; round++) {
    const tokens = Array.from({ length: CALLS }, (_, at) => token(now, `${round}-${at}`))
    const messages = tokens.map(takeApart)
    const before = performance.now()
    for (const [message, signature] of messages) {
      const start = performance.now()
      verify(null, message, publicKey, signature)
      bareSingle.push((performance.now() - start) * 1000)
    }
    const between = performance.now()
    for (const text of tokens) {
      const start = performance.now()
      const { verdict } = await verifier.decide(callWith(text))
      single.push((performance.now() - start) * 1000)
      if (verdict.outcome !== 'allow')
        throw new Error(`the benchmark was refused: ${verdict.denial.reason}`)
    }
    const after = performance.now()
    if (round < 0) {
      single.length = 0
      bareSingle.length = 0
    } else {
      bare.push(((between - before) * 1000) / CALLS)
      pipeline.push(((after - between) * 1000) / CALLS)
    }
  }
  return {
    bareMicroseconds: median(bare),
    pipelineMicroseconds: median(pipeline),
    pipelineP99Microseconds: quantile(single, 0.99),
    bareMedianMicroseconds: median(bareSingle),
    pipelineMedianMicroseconds: median(single),
    ratio: median(pipeline.map((time, at) => time / (bare[at] ?? 1))),
  }
}

function token(now: number, jti: string): string {
  const iat = Math.floor(now / 1000)
  return mint(
    {
      iss: 'https://issuer.example.test',
      sub: 'agent://repo/acme/deploy-bot',
      aud: 'https://inventory.internal',
      act: 'inventory.write',
      iat,
      nbf: iat,
      exp: iat + 120,
      jti: `550e8400-e29b-41d4-a716-${jti}`,
      scope: ['inventory.read', 'inventory.write'],
      src: { type: 'github_actions', repo: 'acme/storefront', workflow: 'deploy.yml' },
      env: 'prod',
      tenant: 'acme',
    },
    KEYS.trusted,
  )
}

function takeApart(text: string): readonly [message: Buffer, signature: Buffer] {
  const dot = text.lastIndexOf('.')
  return [Buffer.from(text.slice(0, dot)), Buffer.from(text.slice(dot + 1), 'base64url')]
}

function callWith(text: string): Call {
  return {
    authorization: [`OathMesh ${text}`],
    requestLine: () => Promise.reject(new Error('not needed')),
    body: () => Promise.reject(new Error('not needed')),
  }
}
