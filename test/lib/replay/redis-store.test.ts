import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { FreezingProxy } from './freezing-proxy.ts'
import { Harness } from './harness.ts'

const EPOCH = 'oathmesh:replay:epoch'
const REVOCATIONS = 'oathmesh:revocations'

describe('a Redis replay store', () => {
  let server: RedisServer
  let harness: Harness

  beforeAll(async () => {
    server = await RedisServer.start()
  })

  beforeEach(async () => {
    await server.cli('flushall')
    // Generous: what is tested here is not how long it takes on a busy machine.
    harness = await Harness.open({ ...server.settings, timeoutMs: 2000 })
  })

  afterEach(() => harness.replay.close())
  afterAll(() => server.stop())

  const ttlMs = async () => {
    const [key = ''] = (await server.cli('keys', 'oathmesh:replay:[^e]*')).split('\n')
    return Number(await server.cli('pttl', key))
  }

  test('accepts one of many simultaneous uses', async () => {
    const use = harness.use('one')
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => harness.claim(use)))
    expect(outcomes.filter((outcome) => outcome === 'fresh')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'seen')).toHaveLength(99)
  })

  test('keeps the same id of two issuers apart', async () => {
    expect(await harness.claim(harness.use('shared'))).toBe('fresh')
    expect(await harness.claim(harness.use('shared', { issuer: 'https://other.test' }))).toBe(
      'fresh',
    )
  })

  test('records under a name of bounded length without control characters', async () => {
    await harness.claim(harness.use(`\r\nFLUSHALL\r\n${'x'.repeat(8000)}`))
    const keys = (await server.cli('keys', '*')).split('\n')
    expect(keys).toContainEqual(expect.stringMatching(/^oathmesh:replay:[\w-]{43}$/))
  })

  test('shares the form of upstream receivers on request', async () => {
    const plain = await Harness.open(server.settings, { keyFormat: 'jti' })
    await server.cli('set', 'oathmesh:replay:of-upstream', '1')
    expect(await plain.claim(plain.use('of-upstream'))).toBe('seen')
    expect(await plain.claim(plain.use('of-ours'))).toBe('fresh')
    expect(await server.cli('get', 'oathmesh:replay:of-ours')).toBe('1')
    await plain.replay.close()
  })

  test('does not let an id write over the epoch', async () => {
    const plain = await Harness.open(server.settings, { keyFormat: 'jti' })
    await server.cli('del', EPOCH)
    expect(await plain.claim(plain.use('epoch'))).toBe('history_unknown')
    expect(await server.cli('get', EPOCH)).toMatch(/^\d+ [0-9a-f]{40}$/)
    await plain.replay.close()
  })

  test('remembers a token first used 29 s after exp until it is refused as expired', async () => {
    const now = harness.nowMs / 1000
    const use = harness.use('late', { acceptableUntil: now + 1 })
    expect(await harness.claim(use)).toBe('fresh')
    const left = await ttlMs()
    // One second to go here, and the leeway for a gateway whose clock is behind.
    expect(left).toBeGreaterThan(30_000)
    expect(left).toBeLessThanOrEqual(31_000)
    harness.nowMs += 900
    expect(await harness.claim(use)).toBe('seen')
  })

  test('remembers a token for its whole life and two leeways', async () => {
    await harness.claim(harness.use('whole'))
    expect(await ttlMs()).toBeGreaterThan(358_000)
    expect(await ttlMs()).toBeLessThanOrEqual(361_000)
  })

  test('keeps its records in the configured database', async () => {
    const other = await Harness.open({ ...server.settings, database: 3 })
    const use = other.use('elsewhere')
    expect(await other.claim(use)).toBe('fresh')
    expect(await harness.claim(use)).toBe('fresh')
    await other.replay.close()
  })

  test('is unavailable, and does not fall back to another, when the database does not exist', async () => {
    const other = await Harness.open({ ...server.settings, database: 999 })
    expect(await other.claim(other.use('nowhere'))).toBe('unavailable')
    await other.replay.close()
  })

  test('reaches a server through a unix socket', async () => {
    const local = await Harness.open({ ...server.settings, port: 1, unixSocket: server.unixSocket })
    expect(await local.claim(local.use('near'))).toBe('fresh')
    await local.replay.close()
  })

  test('connects by itself on the first claim', async () => {
    const lazy = new Harness(server.settings)
    lazy.nowMs += 2000
    expect(await server.cli('client', 'list', 'type', 'normal')).not.toMatch(/\n.*\n/)
    expect(await lazy.claim(lazy.use('first'))).toBe('fresh')
    await lazy.replay.close()
  })

  test('goes on when the server has forgotten the script', async () => {
    await harness.claim(harness.use('before'))
    await server.cli('script', 'flush')
    expect(await harness.claim(harness.use('after'))).toBe('fresh')
  })

  test('asks Redis once per claim, for record, epoch and revocation together', async () => {
    const monitor = spawn('redis-cli', ['-p', `${server.port}`, 'monitor'])
    const commands: string[] = []
    createInterface(monitor.stdout).on('line', (line) => commands.push(line))
    await until(() => commands.includes('OK'), 5000)
    await harness.claim(harness.use('makes the script known'))
    await until(() => commands.length >= 4, 5000)
    const proxy = await FreezingProxy.to(server.port)
    const counted = await Harness.open({ ...server.settings, port: proxy.port })
    commands.length = 0
    proxy.requests = 0
    for (let n = 0; n < 10; n += 1) await counted.claim(counted.use(`counted ${n}`))
    const counting = () => commands.filter((line) => line.includes(' "evalsha" ')).length
    await until(() => counting() >= 10 && commands.length >= 40, 5000)
    monitor.kill()
    expect(proxy.requests).toBe(10)
    // Connecting reads the epoch beforehand.
    const claims = commands.slice(commands.findIndex((line) => line.includes(' "evalsha" ')))
    expect(claims.map((line) => / "(\w+)" /.exec(line)?.[1])).toEqual(
      Array.from({ length: 10 }, () => ['evalsha', 'HGET', 'SET', 'GET']).flat(),
    )
    expect(claims.filter((line) => !line.includes(' lua] '))).toHaveLength(10)
    await counted.replay.close()
    await proxy.close()
  })

  describe('that has forgotten', () => {
    test('refuses tokens issued before it was emptied, used or not', async () => {
      const used = harness.use('used')
      const unused = harness.use('unused')
      await harness.claim(used)
      await server.cli('flushall')
      expect(await harness.claim(used)).toBe('history_unknown')
      expect(await harness.claim(unused)).toBe('history_unknown')
    })

    test('accepts tokens issued after it was emptied', async () => {
      await harness.claim(harness.use('before'))
      await server.cli('flushall')
      await harness.claim(harness.use('finds out'))
      harness.nowMs += 1000
      expect(await harness.claim(harness.use('after'))).toBe('fresh')
    })

    test('refuses what an issuer whose clock is ahead had issued for later', async () => {
      const ahead = harness.use('ahead', { issuedAt: Math.floor(harness.nowMs / 1000) + 20 })
      expect(await harness.claim(ahead)).toBe('fresh')
      await server.cli('flushall')
      expect(await harness.claim(ahead)).toBe('history_unknown')
    })

    test('refuses a token issued and used in the second in which it was emptied', async () => {
      harness.nowMs = Math.ceil(harness.nowMs / 1000) * 1000
      const use = harness.use('same second')
      expect(await harness.claim(use)).toBe('fresh')
      await server.cli('flushall')
      harness.nowMs += 999
      expect(await harness.claim(use)).toBe('history_unknown')
    })

    test('lets all processes refuse alike', async () => {
      const other = await Harness.open(server.settings)
      const use = harness.use('shared')
      await harness.claim(use)
      await server.cli('flushall')
      const outcomes = await Promise.all([harness.claim(use), other.claim(use)])
      expect(outcomes).not.toContain('fresh')
      expect(await server.cli('get', EPOCH)).toMatch(/^\d+ /)
      await other.replay.close()
    })

    test('does not believe itself when a single record has been evicted', async () => {
      const use = harness.use('evicted')
      await harness.claim(use)
      const epoch = await server.cli('get', EPOCH)
      await server.cli('flushall')
      await server.cli('set', EPOCH, epoch)
      expect(await harness.claim(use)).toBe('seen')
    })

    test('is unavailable while the epoch is not readable', async () => {
      await server.cli('set', EPOCH, 'soon')
      expect(await harness.claim(harness.use('unclear'))).toBe('unavailable')
      await server.cli('del', EPOCH)
      await harness.claim(harness.use('finds out'))
      harness.nowMs += 1000
      expect(await harness.claim(harness.use('clear'))).toBe('fresh')
    })

    test('says so when a gateway has written an epoch in the future', async () => {
      const id = /run_id:(\w+)/.exec(await server.cli('info', 'server'))?.[1]
      await server.cli('set', EPOCH, `${Math.floor(harness.nowMs / 1000) + 3600} ${id}`)
      expect(await harness.claim(harness.use('today'))).toBe('history_unknown')
      expect(harness.lines.join()).toContain('check the clocks')
    })
  })

  describe('asked about revocation', () => {
    test('refuses the next call of a subject that redis-cli has revoked', async () => {
      expect(await harness.claim(harness.use('1'))).toBe('fresh')
      await server.cli('hset', REVOCATIONS, 'agent://alice', '2026-03-30T00:00:00Z')
      expect(await harness.claim(harness.use('2'))).toBe('revoked')
      expect(await harness.claim(harness.use('3', { subject: 'agent://bob' }))).toBe('fresh')
    })

    test('says revoked rather than seen', async () => {
      const use = harness.use('both')
      await harness.claim(use)
      await server.cli('hset', REVOCATIONS, 'agent://alice', 'now')
      expect(await harness.claim(use)).toBe('revoked')
    })

    test('does not spend the id of a revoked call', async () => {
      await server.cli('hset', REVOCATIONS, 'agent://alice', 'now')
      const use = harness.use('spared')
      expect(await harness.claim(use)).toBe('revoked')
      await server.cli('hdel', REVOCATIONS, 'agent://alice')
      expect(await harness.claim(use)).toBe('fresh')
    })

    test('lets a subject pass that is no longer revoked, at once', async () => {
      await server.cli('hset', REVOCATIONS, 'agent://alice', 'now')
      expect(await harness.claim(harness.use('1'))).toBe('revoked')
      await server.cli('hdel', REVOCATIONS, 'agent://alice')
      expect(await harness.claim(harness.use('2'))).toBe('fresh')
    })

    test('keeps a revoked subject out when Redis goes away', async () => {
      const own = await RedisServer.start()
      const local = await Harness.open(own.settings)
      const use = local.use('good')
      expect(await local.claim(use)).toBe('fresh')
      await own.cli('hset', REVOCATIONS, 'agent://alice', 'now')
      expect(await local.claim(local.use('other'))).toBe('revoked')
      await own.stop()
      expect(await local.claim(use)).toBe('revoked')
      await local.replay.close()
    })

    test('does not ask when the entity does not want it', async () => {
      const indifferent = await Harness.open(server.settings, { revocation: false })
      await server.cli('hset', REVOCATIONS, 'agent://alice', 'now')
      expect(await indifferent.claim(indifferent.use('1'))).toBe('fresh')
      await indifferent.replay.close()
    })
  })

  test('refuses a key format that a Cluster cannot have', () => {
    const nodes = [{ host: server.host, port: server.port }]
    const cluster = { ...server.settings, clusterNodes: nodes }
    expect(() => new Harness(cluster, { keyFormat: 'jti' })).toThrow('replay.key_format')
  })

  test.each([
    ['a Cluster behind Sentinel', { clusterNodes: [], sentinelNodes: [] }, 'redis.cluster_nodes'],
    ['a Cluster with a database', { clusterNodes: [], database: 1 }, 'redis.database'],
    ['Sentinel without a master name', { sentinelNodes: [] }, 'redis.sentinel_master'],
    ['a CA file that is not there', { ssl: true, caFile: '/nowhere.pem' }, 'redis.ca_file'],
  ])('refuses %s by name', (_, overrides, field) => {
    expect(() => new Harness({ ...server.settings, ...overrides })).toThrow(field)
  })
})
