import { Breaker } from '../../../lib/replay/breaker.ts'

describe('a breaker', () => {
  let elapsedMs: number
  let changes: string[]
  let breaker: Breaker

  beforeEach(() => {
    elapsedMs = 1_000_000
    changes = []
    breaker = new Breaker({
      stopwatch: () => elapsedMs,
      random: () => 0.5,
      onChange: (state) => changes.push(state),
    })
  })

  const call = (succeeded: boolean) => {
    const admission = breaker.admit()
    admission?.settle(succeeded)
    return admission !== undefined
  }

  const fail = (times: number) => {
    for (let n = 0; n < times; n += 1) call(false)
  }

  test('opens at the third failure in a row', () => {
    fail(2)
    expect(breaker.state).toBe('closed')
    fail(1)
    expect(breaker.state).toBe('open')
    expect(call(true)).toBe(false)
  })

  test('forgets failures at a success', () => {
    fail(2)
    call(true)
    fail(2)
    expect(breaker.state).toBe('closed')
  })

  test('lets nothing through for thirty seconds and the jitter', () => {
    fail(3)
    elapsedMs += 31_499
    expect(breaker.admit()).toBeUndefined()
    elapsedMs += 1
    expect(breaker.admit()).toBeDefined()
  })

  test('lets exactly one call probe, while others go without', () => {
    fail(3)
    elapsedMs += 40_000
    const probe = breaker.admit()
    expect(breaker.state).toBe('half_open')
    expect(breaker.admit()).toBeUndefined()
    probe?.settle(true)
    expect(breaker.state).toBe('closed')
    expect(call(true)).toBe(true)
  })

  test('stays open for another while when the probe fails', () => {
    fail(3)
    elapsedMs += 40_000
    call(false)
    expect(breaker.state).toBe('open')
    elapsedMs += 31_499
    expect(breaker.admit()).toBeUndefined()
    elapsedMs += 1
    expect(call(true)).toBe(true)
    expect(breaker.opened).toBe(2)
  })

  test('needs three failures again after it has closed', () => {
    fail(3)
    elapsedMs += 40_000
    call(true)
    fail(2)
    expect(breaker.state).toBe('closed')
  })

  test.each([true, false])(
    'ignores how a call ends that began before it opened (%s)',
    (succeeded) => {
      const early = breaker.admit()
      fail(3)
      early?.settle(succeeded)
      expect(breaker.state).toBe('open')
      elapsedMs += 40_000
      const probe = breaker.admit()
      breaker.admit()?.settle(succeeded)
      expect(breaker.state).toBe('half_open')
      probe?.settle(true)
      expect(breaker.opened).toBe(1)
    },
  )

  test('tells of every change', () => {
    fail(3)
    elapsedMs += 40_000
    call(false)
    elapsedMs += 40_000
    call(true)
    expect(changes).toEqual(['open', 'half_open', 'open', 'half_open', 'closed'])
  })
})
