import { Denial, deny } from '../../../lib/denial.ts'
import { monotonic } from '../../../lib/ports/stopwatch.ts'
import type { Attempt } from '../../../lib/verify/attempt.ts'
import { Deadline } from '../../../lib/verify/deadline.ts'
import type { Step } from '../../../lib/verify/step.ts'
import { STEPS } from '../../../lib/verify/steps.ts'
import { verify } from '../../../lib/verify/verify.ts'

const attempt = {} as Attempt

describe('STEPS', () => {
  test('run in the order of the protocol', () => {
    const labels = STEPS.map(({ label }) => label).filter((label) => label !== undefined)
    const order = labels.filter((label, at) => label !== labels[at - 1])
    expect(order).toEqual([1, 2, 3, 4, 11, 5, 6, 7, 8, 9, 10, 12, 13, 14])
  })

  test('have a name of their own each', () => {
    expect(new Set(STEPS.map(({ name }) => name)).size).toBe(STEPS.length)
  })
})

describe('verify', () => {
  const deadline = () => new Deadline(20, monotonic)
  const passes: Step = { name: 'passes', run() {} }

  test('stamps a refusal with the label of the step', async () => {
    const refuses: Step = { label: 9, name: 'refuses', run: () => deny('expired') }
    const verdict = await verify(attempt, deadline(), [passes, refuses])
    expect(verdict).toMatchObject({ outcome: 'deny', denial: { step: 9, reason: 'expired' } })
  })

  test('stops at the first refusal', async () => {
    const later = jest.fn()
    const refuses: Step = { label: 1, name: 'refuses', run: () => deny('segment_count') }
    await verify(attempt, deadline(), [refuses, { name: 'later', run: later }])
    expect(later).not.toHaveBeenCalled()
  })

  test.each([
    ['throws an unknown error', () => JSON.parse('{')],
    ['rejects with an unknown error', () => Promise.reject(new Error('boom'))],
    ['throws something that is no error', () => Promise.reject('boom')],
  ])('refuses when a step %s', async (_, run) => {
    const verdict = await verify(attempt, deadline(), [{ label: 5, name: 'faulty', run }])
    expect(verdict).toMatchObject({ denial: { step: 5, reason: 'internal_error' } })
  })

  test('refuses when a step never ends', async () => {
    const hangs: Step = { label: 5, name: 'hangs', run: () => new Promise(() => {}) }
    const verdict = await verify(attempt, deadline(), [hangs])
    expect(verdict).toMatchObject({ denial: { step: 5, reason: 'deadline_exceeded' } })
  })

  test('refuses rather than allows when nothing has been found out', async () => {
    await expect(verify({ findings: {} } as Attempt, deadline(), [passes])).rejects.toThrow()
  })
})

describe('Denial', () => {
  test('keeps the step it was given first', () => {
    const denial = new Denial('expired', {}, 8)
    expect(Denial.from(denial, 13)).toBe(denial)
  })

  test('names the rule in the reason of a policy denial', () => {
    expect(new Denial('policy', { rule: 'default' }).auditReason).toBe('policy:default')
  })
})
