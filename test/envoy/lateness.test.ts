import { Lateness } from '../../envoy/lateness.ts'

const START = 1_774_911_060_000

describe('a Check', () => {
  let now = START
  let late: Lateness
  beforeEach(() => {
    now = START
    late = new Lateness({ now: () => now }, () => now - START)
  })
  afterEach(() => late.stop())

  const checked = (ms: number, more: object = {}) => {
    const receivedAt = now
    for (let at = 0; at < ms; at += 50) {
      now += Math.min(50, ms - at)
      late.of({ receivedAt: now, timeoutMs: 1500, deadlineMs: 1000, buffered: false })
    }
    return late.of({ receivedAt, timeoutMs: 1500, deadlineMs: 1000, buffered: false, ...more })
  }

  test.each([0, 1, 499, 500])('of %d ms is in time where Envoy waits 500 ms more than we', (ms) => {
    expect(checked(ms)).toBeUndefined()
  })

  test.each([501, 2000])('of %d ms is late', (ms) => {
    expect(checked(ms)).toMatch(/ms ago/)
  })

  test('whose body Envoy waited for may be old', () => {
    expect(checked(20_000, { buffered: true })).toBeUndefined()
  })

  test('that came before a freeze is late, with a body too', () => {
    const receivedAt = now
    now += 450
    for (const buffered of [false, true]) {
      const patience = { receivedAt, timeoutMs: 60_000, deadlineMs: 1000, buffered }
      expect(late.of(patience)).toMatch(/frozen/)
    }
    expect(checked(0)).toBeUndefined()
  })

  test('that does not say when its request came is late', () => {
    expect(checked(0, { receivedAt: undefined })).toMatch(/does not say/)
  })

  test.each([
    [Number.POSITIVE_INFINITY, 500],
    [2000, 1000],
    [800, 200],
  ])('may be as old as a timeout of %d ms leaves: %d ms', (timeoutMs, allowed) => {
    expect(checked(allowed, { timeoutMs })).toBeUndefined()
    expect(checked(allowed + 1, { timeoutMs })).toMatch(/ms ago/)
  })

  test('of an Envoy whose clock is ahead is in time', () => {
    expect(checked(0, { receivedAt: now + 5000 })).toBeUndefined()
  })
})
