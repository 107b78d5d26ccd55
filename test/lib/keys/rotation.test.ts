import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { atOnce, cacheOf, newKey, waited } from './fixture.ts'

const old = newKey('old')
const next = newKey('next')

let server: JwksServer
beforeEach(async () => {
  server = await JwksServer.start(document({ keys: [old.jwk] }))
})
afterEach(() => server.stop())

async function warmCache(settings = {}) {
  const made = cacheOf({ issuers: [{ issuer: server.origin }], settings })
  await made.cache.prewarm()
  const find = (kid: string) => made.cache.find(server.origin, kid)
  const fetched = async (count: number) => {
    await made.settled()
    expect(server.requests).toBe(count)
  }
  return { ...made, find, fetched }
}

describe('a document is fetched anew', () => {
  test('by the timer at four fifths of its lifetime, without a call having to wait', async () => {
    const { time, find, fetched } = await warmCache()
    time.advance(47)
    expect(server.requests).toBe(1)
    time.advance(1)
    await fetched(2)

    expect(atOnce(find('old'))).toBe('key')
    expect(time.pendingTimers).toBe(1)
  })

  test('by a call when the timer is late, still without waiting', async () => {
    const { time, find, fetched } = await warmCache()
    time.jump(48)

    expect(atOnce(find('old'))).toBe('key')
    await fetched(2)
    expect(atOnce(find('old'))).toBe('key')
    expect(time.pendingTimers).toBe(1)
  })

  test('before it serves a call after its lifetime', async () => {
    const { time, find } = await warmCache()
    server.answer = document({ keys: [next.jwk] })
    time.jump(60)

    expect(await waited(find('old'))).toBe('unknown_kid')
    expect(atOnce(find('next'))).toBe('key')
    expect(server.requests).toBe(2)
  })

  test('early enough for a whole time-out within a short lifetime', async () => {
    const { time, fetched } = await warmCache({ ttlSeconds: 5, timeoutMs: 2000 })
    time.advance(3)
    await fetched(2)
  })

  test('at the earliest after half of its lifetime, however long the time-out', async () => {
    const { time, fetched } = await warmCache({ ttlSeconds: 4, timeoutMs: 30_000 })
    time.advance(1.9)
    await fetched(1)
    time.advance(0.1)
    await fetched(2)
  })

  test('but not imported again while it stays the same', async () => {
    const { time, find, fetched } = await warmCache()
    const before = await find('old')
    time.advance(48)
    await fetched(2)
    expect(await find('old')).toBe(before)
    server.answer = document({ keys: [old.jwk], changed: true })
    time.advance(48)
    await fetched(3)

    expect(await find('old')).not.toBe(before)
  })

  test('no more after ten lifetimes without a call', async () => {
    const { time, find, settled } = await warmCache()
    for (let lifetime = 0; lifetime < 30; lifetime++) {
      time.advance(48)
      await settled()
    }
    expect(server.requests).toBeGreaterThan(10)
    expect(server.requests).toBeLessThan(15)
    expect(time.pendingTimers).toBe(0)

    expect(await waited(find('old'))).toBe('key')
    expect(time.pendingTimers).toBe(1)
  })

  test('when the clock was set back, at the latest a lifetime later', async () => {
    const { time, find } = await warmCache()
    time.jump(-86_400)
    expect(atOnce(find('old'))).toBe('key')
    server.answer = document({ keys: [] })
    time.jump(60)

    expect(await waited(find('old'))).toBe('unknown_kid')
  })
})

describe('rotation', () => {
  test('accepts both keys while both are published', async () => {
    const { time, find, fetched } = await warmCache()
    server.answer = document({ keys: [old.jwk, next.jwk] })
    time.advance(48)
    await fetched(2)

    expect(atOnce(find('old'))).toBe('key')
    expect(atOnce(find('next'))).toBe('key')
  })

  test('refuses no call under a key that was published a lifetime ahead', async () => {
    const { time, find, settled } = await warmCache()
    server.answer = document({ keys: [old.jwk, next.jwk] })
    for (let second = 0; second < 60; second++) {
      time.advance(1)
      expect(atOnce(find('old'))).toBe('key')
      await settled()
    }

    expect(atOnce(find('next'))).toBe('key')
  })

  test('finds a key that is used at once, after one fetch', async () => {
    const { find } = await warmCache()
    server.answer = document({ keys: [old.jwk, next.jwk] })

    expect(await waited(find('next'))).toBe('key')
    expect(server.requests).toBe(2)
  })

  test('refuses a dropped key from the next refresh on, stale window or not', async () => {
    const { time, find, fetched, settled } = await warmCache()
    server.answer = document({ keys: [next.jwk] })
    expect(atOnce(find('old'))).toBe('key')
    time.advance(48)
    await fetched(2)
    await server.stop()

    expect((await find('old')).found).toBe('unknown_kid')
    time.advance(60)
    await settled()
    expect(atOnce(find('old'))).toBe('unknown_kid')
    expect(atOnce(find('next'))).toBe('key')
  })

  test.each([
    ['an empty set', { keys: [] }],
    ['a set without usable keys', { keys: [{ kty: 'RSA', kid: 'old', n: 'AQAB', e: 'AQAB' }] }],
  ])('takes %s as the withdrawal of all keys', async (_what, withdrawn) => {
    const { time, find, fetched, log } = await warmCache()
    server.answer = document(withdrawn)
    time.advance(48)
    await fetched(2)
    await server.stop()

    expect(await waited(find('old'))).toBe('unknown_kid')
    expect(log.lines).toMatchObject([
      { level: 'warn', fields: { issuer: server.origin, keys: 0 } },
      { level: 'warn', fields: { cause: expect.stringContaining('ECONNREFUSED') } },
    ])
  })

  test('takes the new key material of a kid', async () => {
    const { time, find, fetched } = await warmCache()
    const replaced = newKey('old')
    server.answer = document({ keys: [replaced.jwk] })
    time.advance(48)
    await fetched(2)

    const found = await find('old')
    expect(found.found === 'key' && found.key.key.equals(replaced.publicKey)).toBe(true)
  })
})
