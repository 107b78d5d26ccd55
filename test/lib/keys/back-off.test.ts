import { BackOff } from '../../../lib/keys/back-off.ts'
import { RefreshBudget } from '../../../lib/keys/refresh-budget.ts'

const START = 1_774_911_000_000

describe('the back-off', () => {
  const waits = (random: number, failures: number) => {
    const backOff = new BackOff(() => random)
    return Array.from({ length: failures }, () => {
      backOff.fail(START)
      return backOff.waitMs(START)
    })
  }

  test('doubles from one second to fifteen', () => {
    expect(waits(0, 7)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
  })

  test('takes off up to a half at random', () => {
    expect(waits(0.999_999, 5).map(Math.ceil)).toEqual([501, 1001, 2001, 4001, 7501])
  })

  test('stays at its longest after a thousand failures', () => {
    expect(waits(0, 2000).at(-1)).toBe(15_000)
  })

  test('starts anew after a success', () => {
    const backOff = new BackOff(() => 0)
    backOff.fail(START)
    backOff.fail(START)
    backOff.reset()
    expect([backOff.failures, backOff.waitMs(START)]).toEqual([0, 0])
    backOff.fail(START)
    expect(backOff.waitMs(START)).toBe(1000)
  })

  test('is over when the time has come, or the clock was set back', () => {
    const backOff = new BackOff(() => 0)
    backOff.fail(START)
    expect(backOff.waitMs(START + 999)).toBe(1)
    expect(backOff.waitMs(START + 1000)).toBe(0)
    expect(backOff.waitMs(START - 1)).toBe(0)
  })
})

describe('the budget for unknown key ids', () => {
  test('holds two and regains one per cooldown', () => {
    const budget = new RefreshBudget(30_000)
    const take = (now: number) => {
      const allowed = budget.allows(now)
      if (allowed) budget.spend(now)
      return allowed
    }
    expect([take(START), take(START), take(START)]).toEqual([true, true, false])
    expect([take(START + 29_999), take(START + 30_000), take(START + 30_001)]).toEqual([
      false,
      true,
      false,
    ])
    expect([0, 0, 0].map(() => take(START + 3_600_000))).toEqual([true, true, false])
  })

  test('never goes below nothing, so scheduled fetches cannot run up a debt', () => {
    const budget = new RefreshBudget(30_000)
    for (let n = 0; n < 100; n++) budget.spend(START)
    expect(budget.allows(START + 30_000)).toBe(true)
  })

  test('gains nothing from a clock that is set back', () => {
    const budget = new RefreshBudget(30_000)
    budget.spend(START)
    budget.spend(START)
    expect(budget.allows(START - 3_600_000)).toBe(false)
    expect(budget.allows(START - 3_600_000 + 30_000)).toBe(true)
  })
})
