import { AudienceStores, type StorePlace } from '../../../lib/replay/audience-stores.ts'

const REDIS = {
  host: 'redis.internal',
  port: 6379,
  database: 0,
  password: 'planted-secret',
  ssl: false,
  sslVerify: true,
  timeoutMs: 100,
  connectTimeoutMs: 1000,
}
const MEMORY: StorePlace = { store: 'memory' }
const HASHED: StorePlace = { store: 'redis', redis: REDIS, keyFormat: 'hashed' }
const NODES = [{ host: 'a', port: 1 }]

describe('the stores of an audience', () => {
  let lines: string[]
  let stores: AudienceStores

  beforeEach(() => {
    lines = []
    const warn = (_: string, fields = {}) => void lines.push(JSON.stringify(fields))
    stores = new AudienceStores({ info() {}, warn, error() {} })
  })

  const note = (...places: StorePlace[]) => {
    for (const place of places) stores.note('https://api.test', place)
  }

  test.each<[string, StorePlace]>([
    ['the memory of the process', MEMORY],
    ['keys of another format', { ...HASHED, keyFormat: 'jti' }],
    ['another database', { ...HASHED, redis: { ...REDIS, database: 1 } }],
    ['another server', { ...HASHED, redis: { ...REDIS, host: 'other.internal' } }],
    ['another port', { ...HASHED, redis: { ...REDIS, port: 6380 } }],
    ['a unix socket', { ...HASHED, redis: { ...REDIS, unixSocket: '/run/redis.sock' } }],
    ['a Cluster', { ...HASHED, redis: { ...REDIS, clusterNodes: NODES } }],
    ['a master by Sentinel', { ...HASHED, redis: { ...REDIS, sentinelNodes: NODES } }],
  ])('are several with %s beside a Redis', (_, other) => {
    note(HASHED, other, HASHED, other)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('redis.internal:6379')
    expect(lines[0]).toContain('https://api.test')
    expect(lines[0]).not.toContain('planted-secret')
  })

  test.each<[string, StorePlace]>([
    ['the same settings', HASHED],
    ['another timeout', { ...HASHED, redis: { ...REDIS, timeoutMs: 50, connectTimeoutMs: 60 } }],
    ['another user', { ...HASHED, redis: { ...REDIS, username: 'b', password: 'other' } }],
  ])('are one with %s', (_, other) => {
    note(HASHED, other)
    expect(lines).toEqual([])
  })

  test('are told of once more when there is a third', () => {
    note(MEMORY, HASHED, { ...HASHED, keyFormat: 'jti' }, MEMORY)
    expect(lines).toHaveLength(2)
  })

  test('are nothing to another audience', () => {
    stores.note('https://one.test', MEMORY)
    stores.note('https://other.test', HASHED)
    expect(lines).toEqual([])
  })
})
