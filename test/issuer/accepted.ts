import type { KeySchedule } from '../../issuer/keys/key-schedule.ts'
import { KeyCache } from '../../lib/keys/key-cache.ts'
import type { KeySource } from '../../lib/keys/key-source.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { MemoryReplayStore } from '../../lib/replay/memory-store.ts'
import { openVerifier } from '../../lib/verify/open-verifier.ts'
import type { Verifier } from '../../lib/verify/verifier.ts'
import type { Verdict } from '../../lib/verify/verify.ts'
import { SETTINGS } from '../lib/keys/fixture.ts'
import { ISSUER } from './fixture.ts'

interface Receiver {
  readonly audience: string
  /** Unix seconds. */
  readonly now: number
  readonly keys: { readonly schedule: KeySchedule }
}

/** What a gateway says that knows the keys which the issuer publishes at this moment. */
export function accepted(token: unknown, { audience, now, keys }: Receiver): Promise<Verdict> {
  const jwks = { keys: keys.schedule.published(now) }
  const cache = new KeyCache({
    issuers: [{ issuer: ISSUER, jwks }],
    settings: SETTINGS,
    clock: { now: () => now * 1000 },
    log: silentLog,
  })
  return verdictOf(
    verifier(audience, () => now * 1000, cache),
    token,
  )
}

/** The core's verifier with its defaults, for one audience. */
export function verifier(audience: string, nowMs: () => number, keys: KeySource): Verifier {
  return openVerifier(
    {
      audience,
      issuers: [{ issuer: ISSUER }],
      entity: 'test',
      acceptBearer: false,
      leewaySeconds: 30,
      maxLifetimeSeconds: 300,
      maxTokenBytes: 8192,
      deadlineMs: 1000,
      binding: { mode: 'off', required: 'none', maxBodyBytes: 0, ignoreWhenOff: true },
      require: {},
      policy: 'allow_all',
    },
    {
      keys,
      replay: new MemoryReplayStore({ maxEntries: 10_000, startedAt: 0 }),
      clock: { now: nowMs },
    },
  )
}

export async function verdictOf(receiver: Verifier, token: unknown): Promise<Verdict> {
  const { verdict } = await receiver.decide({
    authorization: [`OathMesh ${token}`],
    requestLine: () => Promise.reject(new Error('not asked for')),
    body: () => Promise.resolve({ kind: 'unreadable' }),
  })
  return verdict
}

/** The claims of a token, not verified. */
export function claimsOf(token: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
}
