import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { atOnce, cacheOf, newKey, waited } from './fixture.ts'

const key = newKey('key')

let server: JwksServer
beforeEach(async () => {
  server = await JwksServer.start(document({ keys: [key.jwk] }))
})
afterEach(() => server.stop())

function newCache(settings = {}) {
  const made = cacheOf({ issuers: [{ issuer: server.origin }], settings })
  return { ...made, find: (kid: string) => made.cache.find(server.origin, kid) }
}

const randomKid = () => randomBytes(180).toString('base64url')

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  return process.memoryUsage().heapUsed
}

describe('unknown key ids', () => {
  test('10 000 random ones, one after another, cause two fetches and no growth', async () => {
    const { find, cache } = newCache()
    for (let call = 0; call < 500; call++) await find(randomKid())
    const before = heapAfterCollection()
    for (let call = 500; call < 10_000; call++) {
      expect((await find(randomKid())).found).toBe('unknown_kid')
    }

    expect(server.requests).toBe(2)
    expect(cache.stats()).toMatchObject([{ fetches: 2, keys: 1 }])
    expect(cache.stats()[0]?.misses).toBeLessThanOrEqual(256)
    // 9 500 key ids of 240 characters are more than 2 MB.
    expect(heapAfterCollection() - before).toBeLessThan(1_000_000)
    expect(atOnce(find('key'))).toBe('key')
  })

  test('10 000 random ones at the same time cause one fetch and a bounded table', async () => {
    const { find, cache } = newCache()
    const calls = Array.from({ length: 10_000 }, () => find(randomKid()))

    const found = await Promise.all(calls)
    expect(new Set(found.map((lookup) => lookup.found))).toEqual(new Set(['unknown_kid']))
    expect(server.requests).toBe(1)
    expect(cache.stats()).toMatchObject([{ misses: 256 }])
  })

  test('cause one fetch in each cooldown, for as long as they come', async () => {
    const { find, cache, time } = newCache({ ttlSeconds: 100_000 })
    await cache.prewarm()
    for (let second = 0; second < 600; second++) {
      for (let call = 0; call < 5; call++) await find(randomKid())
      time.jump(1)
    }

    // One at the start, one left of the burst, then one every 30 s.
    expect(server.requests).toBeLessThanOrEqual(22)
    expect(server.requests).toBeGreaterThanOrEqual(20)
  })

  test('are remembered, so that a caller with an old key uses up one fetch', async () => {
    const { find, cache, time } = newCache()
    await cache.prewarm()
    time.jump(40)
    expect(await waited(find('withdrawn'))).toBe('unknown_kid')

    expect(atOnce(find('withdrawn'))).toBe('unknown_kid')
    // One fetch of the budget is left for others.
    expect(await waited(find('other'))).toBe('unknown_kid')
    expect(server.requests).toBe(3)
  })

  test('are found as soon as any refresh brings them, remembered or not', async () => {
    const { find, cache, time } = newCache()
    const late = newKey('late')
    await cache.prewarm()
    await find('late')
    server.answer = document({ keys: [key.jwk, late.jwk] })
    time.jump(29)
    expect(atOnce(find('late'))).toBe('unknown_kid')
    time.jump(2)

    expect(await waited(find('late'))).toBe('key')
  })

  test('join a fetch that is under way, also with the budget used up', async () => {
    const { find, cache, time } = newCache()
    const late = newKey('late')
    await cache.prewarm()
    await find('unknown')
    server.answer = document({ keys: [key.jwk, late.jwk] })
    time.jump(48)
    expect(atOnce(find('key'))).toBe('key')

    expect(await waited(find('late'))).toBe('key')
    expect(server.requests).toBe(3)
  })

  test('longer than any that is accepted cause no fetch and take no memory', async () => {
    const { find, cache } = newCache()
    await cache.prewarm()

    expect(atOnce(find('k'.repeat(257)))).toBe('unknown_kid')
    expect(await waited(find('k'.repeat(256)))).toBe('unknown_kid')
    expect(cache.stats()).toMatchObject([{ fetches: 2, misses: 1 }])
  })

  test('never make a call with a known one wait', async () => {
    const { find, cache } = newCache()
    await cache.prewarm()
    const unknown = find('unknown')

    expect(atOnce(find('key'))).toBe('key')
    expect(await waited(unknown)).toBe('unknown_kid')
  })

  test('cause no fetch that the back-off forbids', async () => {
    const { find, cache, time } = newCache()
    await cache.prewarm()
    time.jump(40)
    await server.stop()
    expect(await waited(find('one'))).toBe('unknown_kid')

    expect(atOnce(find('two'))).toBe('unknown_kid')
    expect(cache.stats()).toMatchObject([{ fetches: 2, failures: 1, keys: 1 }])
  })
})
