import { Denial, deny, LAST_STEP, STEP_LABELS } from '../../../lib/denial.ts'
import { monotonic } from '../../../lib/ports/stopwatch.ts'
import type { Attempt } from '../../../lib/verify/attempt.ts'
import { Deadline } from '../../../lib/verify/deadline.ts'
import type { Step } from '../../../lib/verify/step.ts'
import { STEP_NAMES } from '../../../lib/verify/step-names.ts'
import { STEPS } from '../../../lib/verify/steps.ts'
import { verify } from '../../../lib/verify/verify.ts'

const attempt = {} as Attempt

describe('STEPS', () => {
  test('run in the order of the protocol', () => {
    const labels = STEPS.map(({ label }) => label).filter((label) => label !== undefined)
    const order = labels.filter((label, at) => label !== labels[at - 1])
    // Later steps follow in the order of their labels.
    const early = [1, 2, 3, 4, 11, 5, 6, 7, 8, 9, 10]
    expect(order).toEqual([...early, ...STEP_LABELS.filter((label) => !early.includes(label))])
  })

  test('have a name of their own each, in the order of their list', () => {
    expect(STEPS.map(({ name }) => name)).toEqual(STEP_NAMES)
    expect(new Set(STEP_NAMES).size).toBe(STEP_NAMES.length)
  })

  test('carry every label of the list, the last of which is that of an allowed call', () => {
    const labels = new Set(STEPS.flatMap(({ label }) => label ?? []))
    expect([...labels].sort((one, other) => one - other)).toEqual(STEP_LABELS)
    expect(LAST_STEP).toBe(STEP_LABELS.at(-1))
  })
})

describe('verify', () => {
  const deadline = () => new Deadline(20, monotonic)
  const passes: Step = { name: 'credentials', run() {} }

  test('stamps a refusal with the label of the step', async () => {
    const refuses: Step = { label: 9, name: 'expiry', run: () => deny('expired') }
    const verdict = await verify(attempt, deadline(), { steps: [passes, refuses] })
    expect(verdict).toMatchObject({ outcome: 'deny', denial: { step: 9, reason: 'expired' } })
  })

  test('stops at the first refusal', async () => {
    const later = jest.fn()
    const refuses: Step = { label: 1, name: 'expiry', run: () => deny('segment_count') }
    await verify(attempt, deadline(), { steps: [refuses, { name: 'policy', run: later }] })
    expect(later).not.toHaveBeenCalled()
  })

  test.each([
    ['throws an unknown error', () => JSON.parse('{')],
    ['rejects with an unknown error', () => Promise.reject(new Error('boom'))],
    ['throws something that is no error', () => Promise.reject('boom')],
  ])('refuses when a step %s', async (_, run) => {
    const verdict = await verify(attempt, deadline(), {
      steps: [{ label: 5, name: 'signing key', run }],
    })
    expect(verdict).toMatchObject({ denial: { step: 5, reason: 'internal_error' } })
  })

  test('refuses when a step never ends', async () => {
    const hangs: Step = { label: 5, name: 'signing key', run: () => new Promise(() => {}) }
    const verdict = await verify(attempt, deadline(), { steps: [hangs] })
    expect(verdict).toMatchObject({ denial: { step: 5, reason: 'deadline_exceeded' } })
  })

  test('refuses rather than allows when nothing has been found out', async () => {
    const verdict = await verify({ findings: {} } as Attempt, deadline(), { steps: [passes] })
    expect(verdict).toMatchObject({ outcome: 'deny', denial: { reason: 'internal_error' } })
  })
})

describe('Denial', () => {
  test('keeps the step it was given first', () => {
    const denial = new Denial('expired', {}, 8)
    expect(Denial.from(denial, 13)).toBe(denial)
  })

  test('does not look for its stack, and lets others look for theirs', () => {
    const { stackTraceLimit } = Error
    expect(new Denial('expired').stack).not.toContain('\n')
    expect(Error.stackTraceLimit).toBe(stackTraceLimit)
    expect(new Denial('internal_error', { cause: new Error('x') }).cause).toMatchObject({
      stack: expect.stringContaining('\n'),
    })
  })

  test('names the rule in the reason of a policy denial', () => {
    expect(new Denial('policy', { rule: 'default' }).auditReason).toBe('policy:default')
  })
})
