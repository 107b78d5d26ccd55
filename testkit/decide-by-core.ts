import { type Decision, Gateway, type GatewayCall, type VerifierSettings } from '../lib/index.ts'
import { KeyCache } from '../lib/keys/key-cache.ts'
import { PolicyFile } from '../lib/policy/policy-file.ts'
import { silentLog } from '../lib/ports/log.ts'
import { MemoryReplayStore } from '../lib/replay/memory-store.ts'
import type { ReplayStore } from '../lib/replay/replay-store.ts'
import { openVerifier } from '../lib/verify/open-verifier.ts'
import { parseConfig } from '../schema/parse-config.ts'
import { readPolicy } from '../schema/read-policy.ts'
import { toGatewaySettings } from '../schema/to-settings.ts'
import {
  authorizationOf,
  bodyOf,
  configOf,
  cook,
  idFrom,
  tokenOf,
  VECTOR_NOW,
  VECTOR_START,
  type Vector,
} from './vectors.ts'

/** What the core alone makes of a vector. It is asked as a gateway asks it: some are refused before a token is looked at. */
export async function decideByCore(vector: Vector): Promise<Decision> {
  const opened: PolicyFile[] = []
  try {
    const decide = gatewayFor(vector, opened)
    const token = tokenOf(vector)
    for (const recipe of vector.before ?? [])
      await decide([`OathMesh ${cook(recipe, idFrom('-'))}`])
    for (let use = 0; use < (vector.uses ?? 0); use++) await decide(authorizationOf(vector, token))
    return await decide(authorizationOf(vector, token))
  } finally {
    await Promise.all(opened.map((file) => file.close()))
  }
}

function gatewayFor(
  vector: Vector,
  opened: PolicyFile[],
): (authorization: readonly string[]) => Promise<Decision> {
  const settings = toGatewaySettings(parseConfig(configOf(vector)), 'vectors')
  const now = (vector.now ?? VECTOR_NOW) * 1000
  const clock = { now: () => now }
  const verifier = openVerifier(settings.verification, {
    keys: new KeyCache({
      issuers: settings.verification.issuers,
      settings: settings.keys,
      clock,
      log: silentLog,
    }),
    replay: withRevoked(vector.revoked ?? []),
    policyFile: policyFileOf(settings.verification, opened),
    clock,
  })
  let last: Decision | undefined
  const gateway = new Gateway({
    settings,
    verifier,
    trail: () => undefined,
    log: silentLog,
    observer: {
      decided: (_, decision) => {
        last = decision
      },
    },
  })
  return async (authorization) => {
    await gateway.decide(callOf(vector, authorization))
    if (last === undefined) throw new Error('nothing was decided')
    return last
  }
}

function policyFileOf(
  { policy, audience }: VerifierSettings,
  opened: PolicyFile[],
): PolicyFile | undefined {
  if (policy === 'allow_all' || !('file' in policy)) return undefined
  const scope = { audience, issuers: [] }
  const file = new PolicyFile({ path: policy.file, scope, read: readPolicy, log: silentLog })
  opened.push(file)
  return file
}

/** The memory store has no list of revoked subjects; this lends it one. */
function withRevoked(revoked: readonly string[]): ReplayStore {
  const memory = new MemoryReplayStore({ maxEntries: 100, startedAt: VECTOR_START })
  return {
    claim: (use, now) => (revoked.includes(use.subject) ? 'revoked' : memory.claim(use, now)),
  }
}

function callOf(vector: Vector, authorization: readonly string[]): GatewayCall {
  const { method = 'GET', path = '/' } = vector.request ?? {}
  const [rawPath = '', rawQuery = ''] = path.split('?')
  return {
    headers: {
      authorization,
      ...(vector.connection !== undefined && { connection: [vector.connection] }),
    },
    method: async () => method,
    context: async () => ({}),
    requestLine: async () => ({ method, rawPath, rawQuery }),
    body: async (maxBytes) => {
      const bytes = bodyOf(vector)
      return bytes.length > maxBytes ? { kind: 'over_limit' } : { kind: 'bytes', bytes }
    },
  }
}
