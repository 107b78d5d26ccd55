import { silentLog } from '../../../lib/ports/log.ts'
import { redisLink } from '../../../lib/redis/redis.ts'
import type { RedisLink } from '../../../lib/redis/redis-link.ts'
import { RedisRevocationList } from '../../../lib/revocation/redis-list.ts'
import { RedisServer } from '../../../testkit/redis-server.ts'

const AT_MS = Date.UTC(2026, 2, 30, 12, 0, 0, 5)

describe('the revocation list in Redis', () => {
  let server: RedisServer
  let link: RedisLink
  let list: RedisRevocationList

  beforeAll(async () => {
    server = await RedisServer.start()
  })

  beforeEach(async () => {
    await server.cli('flushall')
    link = redisLink(server.settings, {
      log: silentLog,
      random: () => 0.5,
      stopwatch: () => performance.now(),
    })
    list = new RedisRevocationList({ link, timeoutMs: 1000 })
  })

  afterEach(() => link.close())
  afterAll(() => server.stop())

  test('is the hash of upstream, with the time of revocation', async () => {
    await list.revoke('agent://alice', AT_MS)
    expect(await server.cli('hgetall', 'oathmesh:revocations')).toBe(
      'agent://alice\n2026-03-30T12:00:00.005Z',
    )
  })

  test('knows whom redis-cli has revoked, whatever the value', async () => {
    await server.cli('hset', 'oathmesh:revocations', 'agent://alice', '')
    expect(await list.isRevoked('agent://alice')).toBe(true)
    expect(await list.isRevoked('agent://bob')).toBe(false)
  })

  test('lifts a revocation', async () => {
    await list.revoke('agent://alice', AT_MS)
    await list.unrevoke('agent://alice')
    expect(await list.isRevoked('agent://alice')).toBe(false)
    await list.unrevoke('agent://never-was')
  })

  test('can be read as a whole', async () => {
    expect(await list.list()).toEqual([])
    await list.revoke('agent://alice', AT_MS)
    await list.revoke('user://__proto__', AT_MS + 1000)
    expect(await list.list()).toEqual([
      { subject: 'agent://alice', revokedAt: '2026-03-30T12:00:00.005Z' },
      { subject: 'user://__proto__', revokedAt: '2026-03-30T12:00:01.005Z' },
    ])
  })

  test('rejects rather than says that nobody is revoked', async () => {
    await server.cli('set', 'oathmesh:revocations', 'not a hash')
    await expect(list.isRevoked('agent://alice')).rejects.toThrow('WRONGTYPE')
    await expect(list.list()).rejects.toThrow('WRONGTYPE')
  })

  test('rejects in time when Redis does not answer', async () => {
    await list.isRevoked('agent://alice')
    server.signal('SIGSTOP')
    const hurried = new RedisRevocationList({ link, timeoutMs: 50 })
    await expect(hurried.isRevoked('agent://alice')).rejects.toThrow('no reply within 50 ms')
    server.signal('SIGCONT')
  })
})
