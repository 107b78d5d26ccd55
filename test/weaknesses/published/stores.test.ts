import { MemoryReplayStore } from '../../../lib/replay/memory-store.ts'
import { recordKeys } from '../../../lib/replay/record-key.ts'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { Harness } from '../../lib/replay/harness.ts'

let redis: RedisServer
let node: Harness
beforeEach(async () => {
  redis = await RedisServer.start()
  node = await Harness.open(redis.settings)
})
afterEach(async () => {
  await node.replay.close()
  await redis.stop()
})

test('W-05 a record outlives its token, leeway included', async () => {
  const lastMoment = node.use('late', { acceptableUntil: node.nowMs / 1000 + 1 })
  expect(await node.claim(lastMoment)).toBe('fresh')
  const [record = ''] = (await redis.cli('keys', 'oathmesh:replay:*'))
    .split('\n')
    .filter((name) => !name.endsWith(':epoch'))
  expect(Number(await redis.cli('pttl', record))).toBeGreaterThan(30_000)
})

test('W-06, W-07 a store that is gone is neither a replay nor an open door', async () => {
  await redis.kill()
  const tokens = Array.from({ length: 20 }, (_, at) => node.use(`during ${at}`))
  for (const token of tokens) expect(await node.claim(token)).toBe('unavailable')
})

test('W-08 a record is for one issuer, and of bounded length', async () => {
  const [a, b] = ['https://a.test', 'https://b.test']
  expect(await node.claim(node.use('same', { issuer: a }))).toBe('fresh')
  expect(await node.claim(node.use('same', { issuer: b }))).toBe('fresh')
  const key = (tokenId: string) => recordKeys(node.use(tokenId), 'hashed').record
  expect(key('x'.repeat(10_000))).toHaveLength(key('x').length)
})

test('W-09 a full memory refuses, and forgets nobody', () => {
  const now = Math.floor(node.nowMs / 1000)
  const store = new MemoryReplayStore({ maxEntries: 100, startedAt: 0 })
  const uses = Array.from({ length: 300 }, (_, at) => node.use(`${at}`))
  const outcomes = uses.map((use) => store.claim(use, now))
  expect(outcomes.filter((outcome) => outcome === 'fresh')).toHaveLength(100)
  expect(new Set(outcomes.slice(100))).toEqual(new Set(['full']))
  for (const use of uses.slice(0, 100)) expect(store.claim(use, now)).toBe('seen')
})

test('W-10 of 500 claims by two nodes at once, one is fresh', async () => {
  const patient = { ...redis.settings, timeoutMs: 10_000 }
  const nodes = [await Harness.open(patient), await Harness.open(patient)]
  const use = node.use('race')
  const claims = nodes.flatMap((one) => Array.from({ length: 250 }, () => one.claim(use)))
  const outcomes = await Promise.all(claims)
  expect(outcomes.filter((outcome) => outcome === 'fresh')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'seen')).toHaveLength(499)
  await Promise.all(nodes.map(({ replay }) => replay.close()))
})

test('W-11 what was used before an outage stays used, at every node', async () => {
  const other = await Harness.open(redis.settings)
  const use = node.use('before the outage')
  expect(await node.claim(use)).toBe('fresh')
  await redis.kill()
  expect(await other.claim(use)).toBe('unavailable')
  redis = await RedisServer.start({ from: redis })
  // Redis came back empty: what is older than its memory is refused, and not taken for new.
  await until(async () => (await other.claim(use)) === 'history_unknown', 10_000)
  await other.replay.close()
})

test('W-14 a revocation counts at once, and is not guessed at while the list is away', async () => {
  await redis.cli('hset', 'oathmesh:revocations', 'agent://alice', new Date().toISOString())
  expect(await node.claim(node.use('revoked'))).toBe('revoked')
  await redis.kill()
  expect(await node.claim(node.use('revoked too'))).toBe('unavailable')
})
