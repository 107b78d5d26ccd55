import { KeyCache } from '../../../lib/keys/key-cache.ts'
import { KeySetPool } from '../../../lib/keys/key-set-pool.ts'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { atOnce, cacheOf, FakeTime, newKey, RecordingLog, SETTINGS, waited } from './fixture.ts'

const first = newKey('first')
const second = newKey('second')

let server: JwksServer
beforeEach(async () => {
  server = await JwksServer.start(document({ keys: [first.jwk] }))
})
afterEach(() => server.stop())

describe('the key cache', () => {
  test('finds a published key, and at once the second time', async () => {
    const { cache } = cacheOf({ issuers: [{ issuer: server.origin }] })

    const found = await cache.find(server.origin, 'first')
    expect(found).toMatchObject({ found: 'key', key: { kid: 'first', alg: 'EdDSA' } })
    expect(found.found === 'key' && found.key.key.equals(first.publicKey)).toBe(true)
    expect(cache.find(server.origin, 'first')).toBe(found)
    expect(server.paths).toEqual(['/.well-known/jwks.json'])
  })

  test('opens nothing when it is made', () => {
    const { time } = cacheOf({ issuers: [{ issuer: server.origin }] })

    expect(time.pendingTimers).toBe(0)
    expect(server.connections).toBe(0)
  })

  test('answers the first call at once after a pre-warm', async () => {
    const { cache } = cacheOf({ issuers: [{ issuer: server.origin }] })
    await cache.prewarm()

    expect(atOnce(cache.find(server.origin, 'first'))).toBe('key')
    await cache.prewarm()
    expect(server.requests).toBe(1)
  })

  test('survives a pre-warm while the issuer is away', async () => {
    const { cache } = cacheOf({ issuers: [{ issuer: server.origin }] })
    await server.stop()
    await cache.prewarm()

    expect(atOnce(cache.find(server.origin, 'first'))).toBe('unreachable')
  })

  test('makes one fetch for 200 concurrent first calls', async () => {
    const { cache } = cacheOf({ issuers: [{ issuer: server.origin }] })
    const calls = Array.from({ length: 200 }, () => cache.find(server.origin, 'first'))

    const found = await Promise.all(calls)
    expect(found.every((lookup) => lookup.found === 'key')).toBe(true)
    expect(server.requests).toBe(1)
  })

  test('never finds a key of one issuer for another', async () => {
    const other = await JwksServer.start(document({ keys: [second.jwk] }))
    const { cache } = cacheOf({ issuers: [{ issuer: server.origin }, { issuer: other.origin }] })
    await cache.prewarm()

    expect(atOnce(cache.find(other.origin, 'second'))).toBe('key')
    expect(await waited(cache.find(other.origin, 'first'))).toBe('unknown_kid')
    expect(await waited(cache.find(server.origin, 'second'))).toBe('unknown_kid')
    await other.stop()
  })

  test('keeps issuers apart that share a URL', async () => {
    const jwksUri = `${server.origin}/keys`
    const { cache } = cacheOf({
      issuers: [
        { issuer: 'https://a.example.test', jwksUri },
        { issuer: 'https://b.example.test', jwksUri },
      ],
    })
    await cache.find('https://a.example.test', 'first')

    expect(cache.stats().map(({ fetches }) => fetches)).toEqual([1, 0])
  })

  test('asks nobody about an issuer that is not configured', () => {
    const { cache } = cacheOf({ issuers: [{ issuer: server.origin }] })

    expect(atOnce(cache.find(`${server.origin}/`, 'first'))).toBe('unknown_kid')
    expect(atOnce(cache.find('__proto__', 'first'))).toBe('unknown_kid')
    expect(server.connections).toBe(0)
  })

  test('counts fetches, failures and keys for each issuer', async () => {
    server.answer = document({ keys: [first.jwk, { kty: 'RSA', kid: 'rsa' }] })
    const { cache, time } = cacheOf({ issuers: [{ issuer: server.origin }] })
    await cache.prewarm()
    time.jump(12)

    expect(cache.stats()).toEqual([
      {
        issuer: server.origin,
        source: 'remote',
        state: 'fresh',
        fetches: 1,
        failures: 0,
        keys: 1,
        droppedKeys: 1,
        everFetched: true,
        misses: 0,
        ageSeconds: 12,
      },
    ])
  })
})

describe('inline keys', () => {
  const issuer = 'inline-issuer'

  test.each([
    ['as a value', { keys: [first.jwk] }],
    ['as text', JSON.stringify({ keys: [first.jwk] })],
  ])('are found at once, given %s', (_given, jwks) => {
    const { cache, time } = cacheOf({ issuers: [{ issuer, jwks }] })

    expect(atOnce(cache.find(issuer, 'first'))).toBe('key')
    expect(atOnce(cache.find(issuer, 'second'))).toBe('unknown_kid')
    time.jump(1e9)
    cache.purge()
    expect(atOnce(cache.find(issuer, 'first'))).toBe('key')
    expect(cache.stats()).toMatchObject([{ source: 'inline', keys: 1, fetches: 0 }])
  })

  test('need no network, even beside a jwks_uri', async () => {
    const jwksUri = `${server.origin}/keys`
    const { cache } = cacheOf({ issuers: [{ issuer, jwksUri, jwks: { keys: [second.jwk] } }] })
    await cache.prewarm()

    expect(atOnce(cache.find(issuer, 'first'))).toBe('unknown_kid')
    expect(server.connections).toBe(0)
  })
})

describe('a mistake in the configuration is named when the cache is made', () => {
  const issuer = 'https://issuer.example.test'
  const { d, ...publicJwk } = { ...first.jwk, d: 'AAAA' }

  test.each([
    ['an issuer listed twice', [{ issuer }, { issuer }], 'issuers[1].issuer: is listed twice'],
    ['an empty issuer', [{ issuer: '' }], 'issuers[0].issuer: is empty'],
    ['http', [{ issuer: 'http://a.example.test' }], 'issuers[0].issuer: must be https'],
    ['inline text', [{ issuer, jwks: '{' }], 'issuers[0].jwks: is not JSON'],
    ['an inline list', [{ issuer, jwks: [] }], 'issuers[0].jwks: is not a JSON object'],
    ['no inline key', [{ issuer, jwks: { keys: [] } }], 'issuers[0].jwks: has no key'],
    [
      'an inline private key',
      [
        { issuer: 'a', jwks: { keys: [publicJwk] } },
        { issuer, jwks: { keys: [{ ...publicJwk, d }] } },
      ],
      'issuers[1].jwks: keys[0] holds a private key',
    ],
  ])('%s', (_mistake, issuers, message) => {
    const make = () => cacheOf({ issuers, settings: { allowHttp: false } })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  test.each([
    ['keys.ttl', { ttlSeconds: 0 }],
    ['keys.ttl', { ttlSeconds: Number.NaN }],
    ['keys.stale_if_error', { staleIfErrorSeconds: -1 }],
    ['keys.refresh_cooldown', { refreshCooldownSeconds: 0 }],
    ['keys.timeout_ms', { timeoutMs: 0 }],
  ])('%s out of bounds', (field, settings) => {
    const make = () => cacheOf({ issuers: [{ issuer }], settings })
    expect(make).toThrow(RangeError)
    expect(make).toThrow(field)
  })
})

describe('a pool of key sets', () => {
  const cacheIn = (pool: KeySetPool, settings = SETTINGS) =>
    new KeyCache({
      issuers: [{ issuer: server.origin }],
      settings,
      pool,
      clock: new FakeTime().clock,
      log: new RecordingLog(),
    })
  const newPool = (maxSets: number) => {
    const { clock, later } = new FakeTime()
    return new KeySetPool({ maxSets, clock, later, log: new RecordingLog() })
  }

  test('lets caches with the same settings share one fetch', async () => {
    const pool = newPool(10)
    await cacheIn(pool).prewarm()

    expect(atOnce(cacheIn(pool).find(server.origin, 'first'))).toBe('key')
    expect(
      await waited(cacheIn(pool, { ...SETTINGS, ttlSeconds: 30 }).find(server.origin, 'first')),
    ).toBe('key')
    expect(server.requests).toBe(2)
  })

  test('shares nothing between entries that differ in where their keys are', async () => {
    const pool = newPool(10)
    const issuer = 'https://issuer.example.test'
    const entries = [
      { issuer, jwksUri: `${server.origin}/a` },
      { issuer, jwksUri: `${server.origin}/b` },
      { issuer, jwks: { keys: [first.jwk] } },
      { issuer, jwks: { keys: [second.jwk] } },
      { issuer: 'https://other.example.test', jwks: { keys: [second.jwk] } },
    ]
    const sets = entries.map((entry) => pool.keySet(entry, SETTINGS))

    expect(new Set(sets).size).toBe(entries.length)
    for (const [index, entry] of entries.entries()) {
      expect(pool.keySet({ ...entry }, { ...SETTINGS })).toBe(sets[index])
    }
  })

  test('purges a shared set through any cache', async () => {
    const pool = newPool(10)
    const [one, two] = [cacheIn(pool), cacheIn(pool)]
    await one.prewarm()
    two.purge()

    expect(one.stats()).toMatchObject([{ keys: 0 }])
  })

  test('goes on serving a set that was pushed out of it', async () => {
    const pool = newPool(1)
    const old = cacheIn(pool)
    await old.prewarm()
    await cacheIn(pool, { ...SETTINGS, ttlSeconds: 30 }).prewarm()

    expect(atOnce(old.find(server.origin, 'first'))).toBe('key')
  })
})
