import { ClusterEstate } from '../../../testkit/redis-estates.ts'
import { type RedisServer, until } from '../../../testkit/redis-server.ts'
import { Harness } from './harness.ts'
import { Load, report } from './load.ts'

const FAILOVER_MS = 40_000
const MOVED_SLOTS = 1000
/** As documented for operators. */
const RULES = [
  ...[
    'on',
    '>secret',
    '~oathmesh:*',
    '-@all',
    '+evalsha',
    '+eval',
    '+set',
    '+get',
    '+hget',
    '+info',
  ],
  ...['+select', '+ping', '+cluster|slots', '+cluster|info', '+asking', '+readonly', '+readwrite'],
]

describe('a Redis Cluster', () => {
  let estate: ClusterEstate
  let harness: Harness
  /** No test's clock is behind that of an earlier one, whose epochs are still there. */
  let nowMs = Date.now()

  beforeAll(async () => {
    estate = await ClusterEstate.start({ replicas: 1 })
  }, 60_000)

  beforeEach(async () => {
    // Generous: hundreds at once on a busy machine are not to be mistaken for a failure.
    const settings = { ...estate.settings, timeoutMs: 1000 }
    harness = new Harness(settings, { knownGoodSeconds: 0 })
    harness.nowMs = nowMs
    await harness.replay.open()
    harness.nowMs += 2000
  })

  afterEach(async () => {
    nowMs = harness.nowMs + 2000
    await harness.replay.close()
  })

  afterAll(() => estate.stop())

  const server = (index: number): RedisServer => {
    const found = estate.servers[index]
    if (found === undefined) throw new RangeError(`no server ${index}`)
    return found
  }

  test('accepts every token once, on whichever shard', async () => {
    const uses = Array.from({ length: 300 }, (_, n) => harness.use(`spread ${n}`))
    const first = await Promise.all(uses.map((use) => harness.claim(use)))
    expect(new Set(first)).toEqual(new Set(['fresh']))
    const second = await Promise.all(uses.map((use) => harness.claim(use)))
    expect(new Set(second)).toEqual(new Set(['seen']))
  })

  test('keeps a record on the shard of its epoch', async () => {
    await harness.claim(harness.use('anywhere'))
    const keys = await Promise.all([0, 1, 2].map((index) => server(index).cli('keys', '*')))
    const tags = keys.map((text) => text.match(/\{..\}/g) ?? [])
    expect(new Set(tags.flat()).size).toBe(256)
    for (const own of tags) {
      const elsewhere = tags.filter((other) => other !== own).flat()
      expect(own.filter((tag) => elsewhere.includes(tag))).toEqual([])
    }
  })

  test('serves an ACL user with the documented rules', async () => {
    for (const node of estate.servers) await node.cli('acl', 'setuser', 'gateway', ...RULES)
    const restricted = new Harness({ ...estate.settings, username: 'gateway', password: 'secret' })
    restricted.nowMs = harness.nowMs
    await restricted.replay.open()
    expect(await restricted.claim(restricted.use('restricted'))).toBe('fresh')
    await restricted.replay.close()
  })

  test('refuses a revoked subject', async () => {
    await harness.replay.revocations.revoke('agent://mallory', harness.nowMs)
    const use = harness.use('revoked', { subject: 'agent://mallory' })
    expect(await harness.claim(use)).toBe('revoked')
    // From now on the subject is suspected, and what it presents is not recorded.
    const next = harness.use('spared', { subject: 'agent://mallory' })
    expect(await harness.claim(next)).toBe('revoked')
    await harness.replay.revocations.unrevoke('agent://mallory')
    expect(await harness.claim(use)).toBe('seen')
    expect(await harness.claim(next)).toBe('fresh')
  })

  test('refuses what one shard has forgotten, and nothing else', async () => {
    const uses = Array.from({ length: 60 }, (_, n) => harness.use(`forgotten ${n}`))
    await Promise.all(uses.map((use) => harness.claim(use)))
    await server(1).cli('flushall')
    const outcomes = await Promise.all(uses.map((use) => harness.claim(use)))
    expect(new Set(outcomes)).toEqual(new Set(['seen', 'history_unknown']))
    harness.nowMs += 2000
  })

  test('accepts no token twice while slots move', async () => {
    await using load = new Load(harness)
    await until(() => load.accepted.length > 20, 5000)
    const startedAt = performance.now()
    await estate.move(MOVED_SLOTS, server(0), server(1))
    report(`${MOVED_SLOTS} slots moved under load`, performance.now() - startedAt)
    const movedAt = performance.now()
    await until(() => load.acceptedSince(movedAt), FAILOVER_MS)
    expect(await load.stop()).toBe(1)
    expect(load.unavailable).toBeLessThan(load.accepted.length / 10)
  }, 60_000)

  test('resumes by itself after the loss of a master, and accepts no token twice', async () => {
    await using load = new Load(harness)
    await until(() => load.accepted.length > 20, 5000)
    await server(2).kill()
    const killedAt = performance.now()
    await until(() => load.unavailable > 0, FAILOVER_MS)
    const fresh = async () => {
      const uses = Array.from({ length: 64 }, (_, n) => harness.use(`${n} at ${performance.now()}`))
      const outcomes = await Promise.all(uses.map((use) => harness.claim(use)))
      return outcomes.every((outcome) => outcome === 'fresh')
    }
    await until(fresh, FAILOVER_MS)
    report('Cluster failover, loss to all shards accepting', performance.now() - killedAt)
    expect(await load.stop()).toBe(1)
  }, 60_000)
})
