import { MemoryReplayStore } from '../../../lib/replay/memory-store.ts'
import type { TokenUse } from '../../../lib/replay/replay-store.ts'

const NOW = 1_774_911_060

function use(tokenId: string, changes: Partial<TokenUse> = {}): TokenUse {
  return {
    issuer: 'https://issuer.example.test',
    tokenId,
    subject: 'svc://a',
    issuedAt: NOW - 10,
    acceptableUntil: NOW + 140,
    leewaySeconds: 30,
    token: 'a.b.c',
    realm: 'test',
    ...changes,
  }
}

describe('MemoryReplayStore', () => {
  let elapsedMs: number

  beforeEach(() => {
    elapsedMs = 1_000_000
  })

  function store(options: { maxEntries?: number; startedAt?: number } = {}): MemoryReplayStore {
    const stopwatch = () => elapsedMs
    return new MemoryReplayStore({ maxEntries: 100, startedAt: NOW - 1000, stopwatch, ...options })
  }

  test('accepts an id once', () => {
    const replay = store()
    expect(replay.claim(use('a'), NOW)).toBe('fresh')
    expect(replay.claim(use('a'), NOW + 1)).toBe('seen')
    expect(replay.claim(use('b'), NOW + 1)).toBe('fresh')
  })

  test('keeps the ids of two issuers apart', () => {
    const replay = store()
    expect(replay.claim(use('a'), NOW)).toBe('fresh')
    expect(replay.claim(use('a', { issuer: 'https://second.example.test' }), NOW)).toBe('fresh')
  })

  test('remembers an id until the token cannot be accepted any more', () => {
    const replay = store()
    replay.claim(use('a'), NOW)
    expect(replay.claim(use('a'), NOW + 139.999)).toBe('seen')
    expect(replay.claim(use('a'), NOW + 140)).toBe('seen')
  })

  test('remembers an id that is first used inside the leeway', () => {
    const replay = store()
    const late = use('a', { acceptableUntil: NOW + 1 })
    expect(replay.claim(late, NOW)).toBe('fresh')
    expect(replay.claim(late, NOW + 0.999)).toBe('seen')
  })

  test('forgets what has lapsed', () => {
    const replay = store()
    for (let index = 0; index < 50; index++) replay.claim(use(`${index}`), NOW)
    expect(replay.size).toBe(50)
    elapsedMs += 212_000
    replay.claim(use('later', { acceptableUntil: NOW + 1000 }), NOW + 200)
    expect(replay.size).toBe(1)
  })

  test('refuses new ids when it is full, and forgets none', () => {
    const replay = store({ maxEntries: 3 })
    for (const id of ['a', 'b', 'c']) expect(replay.claim(use(id), NOW)).toBe('fresh')
    expect(replay.claim(use('d'), NOW)).toBe('full')
    expect(replay.claim(use('a'), NOW)).toBe('seen')
    expect(replay.size).toBe(3)
  })

  test('takes new ids again when old ones have lapsed', () => {
    const replay = store({ maxEntries: 1 })
    replay.claim(use('a'), NOW)
    elapsedMs += 212_000
    expect(replay.claim(use('b', { acceptableUntil: NOW + 400 }), NOW + 212)).toBe('fresh')
  })

  test('makes room for the largest number that was asked for', () => {
    const replay = store({ maxEntries: 1 })
    replay.reserve(2)
    replay.reserve(1)
    expect(['a', 'b', 'c'].map((id) => replay.claim(use(id), NOW))).toEqual([
      'fresh',
      'fresh',
      'full',
    ])
  })

  test('refuses tokens from before the second in which the process started', () => {
    const replay = store({ startedAt: NOW - 5.5 })
    expect(replay.claim(use('a', { issuedAt: NOW - 7 }), NOW)).toBe('history_unknown')
    expect(replay.claim(use('a', { issuedAt: NOW - 6 }), NOW)).toBe('fresh')
  })

  test('remembers an id for a gateway whose clock is behind by the leeway', () => {
    const replay = store()
    replay.claim(use('a'), NOW)
    elapsedMs += 169_000
    expect(replay.claim(use('a'), NOW + 169)).toBe('seen')
  })

  test.each([
    ['back', [-60, 0]],
    ['far back', [-86_400, 0]],
    ['forward and back', [3600, 0]],
    ['forward and back, past the second', [3600, 1]],
    ['back and forward', [-3600, 100]],
    ['back, forward and back', [-86_400, 86_400, 10]],
  ])('forgets nothing when the clock goes %s', (_, steps) => {
    const replay = store()
    replay.claim(use('a'), NOW)
    for (const step of steps) {
      elapsedMs += 1000
      replay.claim(use(`at ${step}`), NOW + step)
    }
    expect(replay.claim(use('a'), NOW + 2)).toBe('seen')
  })

  test('forgets nothing of what was used while the clock was ahead', () => {
    const replay = store()
    // Nearly expired by a clock that is two minutes ahead.
    replay.claim(use('a'), NOW + 120)
    elapsedMs += 100_000
    replay.claim(use('b'), NOW + 400)
    elapsedMs += 1000
    expect(replay.claim(use('a'), NOW + 101)).toBe('seen')
  })

  test('forgets nothing when the clock is set back after the life of a token', () => {
    const replay = store()
    replay.claim(use('a'), NOW)
    elapsedMs += 3_600_000
    expect(replay.claim(use('a'), NOW + 30)).toBe('seen')
  })

  test('tells long ids apart and does not keep them', () => {
    const replay = store()
    expect(replay.claim(use(`${'x'.repeat(5000)}1`), NOW)).toBe('fresh')
    expect(replay.claim(use(`${'x'.repeat(5000)}2`), NOW)).toBe('fresh')
    expect(replay.claim(use(`${'x'.repeat(5000)}1`), NOW)).toBe('seen')
  })
})
