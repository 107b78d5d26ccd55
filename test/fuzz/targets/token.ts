import { KeyCache } from '../../../lib/keys/key-cache.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { MemoryReplayStore } from '../../../lib/replay/memory-store.ts'
import { openVerifier } from '../../../lib/verify/open-verifier.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import {
  BASE_CONFIG,
  readVectors,
  tokenOf,
  VECTOR_NOW,
  VECTOR_START,
} from '../../../testkit/vectors.ts'
import { type FuzzTarget, holds, text } from '../fuzz-target.ts'

const GOOD = tokenOf({ name: 'fuzz', expect: 'allow' })
const clock = { now: () => VECTOR_NOW * 1000 }
const { verification, keys } = toGatewaySettings(parseConfig(BASE_CONFIG), 'fuzz')

const verifier = openVerifier(verification, {
  keys: new KeyCache({ issuers: verification.issuers, settings: keys, clock, log: silentLog }),
  replay: new MemoryReplayStore({ maxEntries: 1_000_000, startedAt: VECTOR_START }),
  clock,
})

/** A value of `Authorization`: it is refused with a reason of the table, unless it is a token as it was signed. */
export const token: FuzzTarget = {
  name: 'token',
  seeds: [
    `OathMesh ${GOOD}`,
    ...readVectors().flatMap(({ cases }) => cases.map((vector) => `OathMesh ${tokenOf(vector)}`)),
  ].map(text),
  dictionary: ['.', '..', 'OathMesh ', 'eyJ', '=', 'AA', '\u0000', 'e30', 'bnVsbA'],
  async check(input) {
    const authorization = input.toString('latin1')
    const { verdict } = await verifier.decide({
      authorization: [authorization],
      requestLine: async () => ({ method: 'GET', rawPath: '/', rawQuery: '' }),
      body: async () => ({ kind: 'bytes', bytes: Buffer.alloc(0) }),
    })
    if (verdict.outcome === 'deny') {
      const { reason, cause } = verdict.denial
      holds(reason !== 'internal_error', `a fault of ours: ${String(cause)}`)
      return
    }
    const [scheme = '', sent = ''] = authorization.split(/ +/)
    holds(scheme.toLowerCase() === 'oathmesh' && SIGNED.has(sent.trim()), 'accepted unsigned')
  },
}

/** What somebody who has a key has signed. */
const SIGNED = new Set([
  GOOD,
  ...readVectors().flatMap(({ cases }) => cases.map((vector) => tokenOf(vector))),
])
