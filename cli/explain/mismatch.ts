import { requestHash } from '../../lib/binding/request-hash.ts'
import type { Reason } from '../../lib/denial.ts'
import type { Denial } from '../../lib/index.ts'
import type { Attempt } from '../../lib/verify/attempt.ts'
import type { PluginConfig } from '../../schema/plugin-config.ts'
import type { GivenCall } from './given-call.ts'

/** What a refusing step wanted and what it got, in the words of the configuration. */
export interface Mismatch {
  readonly expected: string
  readonly found: string
}

/** What is known where a step has refused. */
export interface Refused {
  readonly attempt: Attempt
  readonly config: PluginConfig
  readonly call: GivenCall
  /** What fetching the keys has logged. */
  readonly keyFaults: readonly string[]
}

type Compare = (refused: Refused) => Mismatch | Promise<Mismatch>

const keys: Compare = ({ attempt, keyFaults }) => ({
  expected: `the keys of ${attempt.found('payload').iss}`,
  found: keyFaults.join('; ') || 'none, and no cause was given',
})

/** For the refusals whose cause is on one of two sides. Others say all there is in their detail. */
const COMPARE: Readonly<Partial<Record<Reason, Compare>>> = {
  authorization_missing: () => ({ expected: '"OathMesh <token>"', found: 'no token' }),
  authorization_ambiguous: () => ({ expected: 'one value', found: 'several, or a comma in one' }),
  scheme_unsupported: ({ config, call }) => ({
    expected: config.accept_bearer ? 'OathMesh or Bearer' : 'OathMesh; accept_bearer is off',
    found: call.authorization[0]?.split(' ', 1)[0] ?? 'nothing',
  }),
  token_too_long: ({ config, attempt }) => ({
    expected: `at most ${config.max_token_bytes} bytes (max_token_bytes)`,
    found: `${attempt.found('token').length} bytes`,
  }),
  issuer_unknown: ({ config, attempt }) => ({
    expected: config.issuers.map(({ issuer }) => issuer).join(' or '),
    found: attempt.findings.payload?.iss ?? 'no iss',
  }),
  kid_unknown: ({ attempt, keyFaults }) => ({
    expected: `a key of ${attempt.found('payload').iss} by its kid`,
    found: [`kid ${attempt.found('header').kid}, which is not among them`, ...keyFaults].join('; '),
  }),
  jwks_invalid: keys,
  issuer_unreachable: keys,
  issuer_not_for_subject: ({ config, attempt }) => {
    const { iss, sub } = attempt.found('claims')
    const subjects = config.issuers.find(({ issuer }) => issuer === iss)?.subjects ?? []
    return {
      expected: `a subject such as ${subjects.join(' or ')} (issuers[].subjects)`,
      found: sub,
    }
  },
  expired: ({ config, attempt }) => ({
    expected: `exp after ${instant(attempt.now - config.clock_skew_leeway)}, leeway included`,
    found: instant(attempt.found('claims').exp),
  }),
  lifetime_too_long: ({ config, attempt }) => ({
    expected: `exp - iat of at most ${config.max_token_lifetime} s (max_token_lifetime)`,
    found: `${attempt.found('claims').exp - attempt.found('claims').iat} s`,
  }),
  issued_in_future: ({ config, attempt }) => ({
    expected: `iat before ${instant(attempt.now + config.clock_skew_leeway)}, leeway included`,
    found: instant(attempt.found('claims').iat),
  }),
  audience_mismatch: ({ config, attempt }) => ({
    expected: config.audience,
    found: attempt.found('claims').aud,
  }),
  binding_required: ({ config }) => ({
    expected: `rqh in mode ${config.request_binding.mode}`,
    found: 'no rqh',
  }),
  binding_mismatch: async ({ config, attempt, call }) => {
    const { mode, max_body_bytes: maxBytes } = config.request_binding
    const body = await call.body(maxBytes)
    const bytes = body.kind === 'bytes' ? body.bytes : Buffer.alloc(0)
    const hash = mode === 'off' ? '' : requestHash(mode, await call.requestLine(), bytes)
    return {
      expected: `${hash} (mode ${mode}, this request)`,
      found: attempt.found('claims').rqh ?? '',
    }
  },
  action_mismatch: ({ config, attempt }) => ({
    expected: config.require.routes?.length
      ? 'the action of the route in require.routes that this request is on'
      : `an action such as ${config.require.action} (require.action)`,
    found: attempt.found('claims').act,
  }),
  scope_missing: ({ config, attempt }) => ({
    expected: config.require.routes?.length
      ? 'the scopes of require.scopes and of the route in require.routes'
      : (config.require.scopes ?? []).join(' '),
    found: attempt.found('claims').scope?.join(' ') || 'no scope',
  }),
}

/** The two sides of a refusal, where it has two. */
export async function mismatchOf(
  { reason }: Denial,
  refused: Refused,
): Promise<Mismatch | undefined> {
  return COMPARE[reason]?.(refused)
}

function instant(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z')
}
