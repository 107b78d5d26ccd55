import { KeyCache } from '../../../lib/keys/key-cache.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { monotonic } from '../../../lib/ports/stopwatch.ts'
import { MemoryReplayStore } from '../../../lib/replay/memory-store.ts'
import type { StepRun } from '../../../lib/verify/observer.ts'
import { type OpenVerifierPorts, openVerifier } from '../../../lib/verify/open-verifier.ts'
import { STEP_NAMES } from '../../../lib/verify/step-names.ts'
import type { VerifierSettings } from '../../../lib/verify/verifier-settings.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import { BASE_CONFIG, cook, VECTOR_NOW, VECTOR_START } from '../../../testkit/vectors.ts'

const GATEWAY = toGatewaySettings(parseConfig(BASE_CONFIG), 'entity')
const clock = { now: () => VECTOR_NOW * 1000 }

function open(settings: Partial<VerifierSettings> = {}, ports: Partial<OpenVerifierPorts> = {}) {
  const verification = { ...GATEWAY.verification, ...settings }
  const { issuers } = verification
  return openVerifier(verification, {
    keys: new KeyCache({ issuers, settings: GATEWAY.keys, clock, log: silentLog }),
    replay: new MemoryReplayStore({ maxEntries: 10, startedAt: VECTOR_START }),
    clock,
    stopwatch: monotonic,
    ...ports,
  })
}

let ids = 0
const call = (claims: object = {}) => ({
  authorization: [`OathMesh ${cook({ claims }, `verifier-${++ids}`)}`],
  requestLine: () => Promise.reject(new Error('not asked for')),
  body: () => Promise.reject(new Error('not asked for')),
})
const fault = () => {
  throw new Error('broken')
}

describe('a verifier', () => {
  test.each<[string, Partial<OpenVerifierPorts>]>([
    ['the clock', { clock: { now: fault } }],
    ['the stopwatch', { stopwatch: fault }],
    ['the store', { replay: { claim: fault } }],
    ['the keys', { keys: { find: fault } }],
    ['an observer', { observer: { stepped: fault } }],
  ])('never rejects, and refuses, when %s fails', async (_, ports) => {
    const { verdict } = await open({}, ports).decide(call())
    expect(verdict).toMatchObject({ outcome: 'deny', denial: { reason: 'internal_error' } })
  })

  test('gives a refusal also while the clock fails', () => {
    const decision = open({}, { clock: { now: fault } }).refusal(new Error('unread'))
    expect(decision).toMatchObject({ at: 0, verdict: { denial: { reason: 'internal_error' } } })
  })

  test.each<[string, readonly string[] | undefined, 'allow' | 'deny']>([
    ['no list', undefined, 'allow'],
    ['a glob that fits', ['svc://*', 'agent://repo/acme/*'], 'allow'],
    ['a glob that does not fit', ['svc://*'], 'deny'],
    ['an empty list', [], 'deny'],
  ])('lets an issuer speak for subjects by %s', async (_, subjects, outcome) => {
    const [issuer, ...others] = GATEWAY.verification.issuers
    const trusted = { ...issuer, issuer: issuer?.issuer ?? '', ...(subjects && { subjects }) }
    const { verdict } = await open({ issuers: [trusted, ...others] }).decide(call())
    expect(verdict.outcome).toBe(outcome)
  })

  test.each<[string, Partial<VerifierSettings>, string]>([
    ['a policy file that nobody reads', { policy: { file: '/p.json' } }, 'policy.file'],
    ['rules with a fault', { policy: { rules: [] } }, 'policy.rules'],
    ['a requirement with a fault', { require: { action: '' } }, 'require.action'],
  ])('cannot be opened with %s, and the field is named', (_, settings, field) => {
    expect(() => open(settings)).toThrow(TypeError)
    expect(() => open(settings)).toThrow(new RegExp(`^${field.replace('.', '\\.')}`))
  })
})

describe('an observer', () => {
  const seen = (runs: StepRun[]) => runs.map(({ step, denial }) => [step.name, denial?.reason])

  test('is told of each step that a call has passed', async () => {
    const runs: StepRun[] = []
    await open({}, { observer: { stepped: (run) => void runs.push(run) } }).decide(call())
    expect(seen(runs)).toEqual(STEP_NAMES.map((name) => [name, undefined]))
    expect(runs.every(({ elapsedMs }) => elapsedMs >= 0)).toBe(true)
  })

  test('of one call is told instead of the verifier’s own, up to the refusal', async () => {
    const [own, others]: StepRun[][] = [[], []]
    const verifier = open({}, { observer: { stepped: (run) => void others?.push(run) } })
    await verifier.decide(call({ aud: 'https://other' }), { stepped: (run) => void own?.push(run) })
    expect(seen(own ?? []).at(-1)).toEqual(['audience', 'audience_mismatch'])
    expect(others).toEqual([])
  })
})
