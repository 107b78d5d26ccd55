import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RedisSettings } from '../../../lib/redis/redis-settings.ts'
import { type Certificates, startTls } from '../../../testkit/redis-estates.ts'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { Harness } from './harness.ts'

/** As documented for operators. */
const PAGE = readFileSync('docs/replay-and-revocation.md', 'utf8')
const GATEWAY_RULES = rulesOf('gateway')
const ISSUER_RULES = rulesOf('issuer')

function rulesOf(user: string): readonly string[] {
  const [, rules] = new RegExp(`ACL SETUSER oathmesh-${user} +on >… (.*)$`, 'm').exec(PAGE) ?? []
  if (rules === undefined) throw new Error(`no rules for ${user}`)
  return rules.split(' ')
}

let uses = 0

async function outcomeWith(settings: RedisSettings) {
  const harness = await Harness.open(settings)
  uses += 1
  const outcome = await harness.claim(harness.use(`use ${uses}`))
  await harness.replay.close()
  return { outcome, lines: harness.lines.join('\n') }
}

describe('Redis over TLS', () => {
  let server: RedisServer
  let certificates: Certificates
  let settings: RedisSettings

  beforeAll(async () => {
    const started = await startTls()
    server = started.server
    certificates = started.certificates
    settings = { ...server.settings, ssl: true, timeoutMs: 1000 }
  })

  afterAll(() => server.stop())

  test('is used when the certificate is that of an authority and name we trust', async () => {
    const { caFile } = certificates
    const trusting = { ...settings, caFile, serverName: 'redis.test' }
    expect(await outcomeWith(trusting)).toMatchObject({ outcome: 'fresh' })
  })

  test('is refused when the authority is unknown', async () => {
    const { outcome, lines } = await outcomeWith({ ...settings, serverName: 'redis.test' })
    expect(outcome).toBe('unavailable')
    expect(lines).toContain('Redis cannot be used')
  })

  test('is refused when the certificate is for another name', async () => {
    const { caFile } = certificates
    const { outcome } = await outcomeWith({ ...settings, caFile, serverName: 'other.test' })
    expect(outcome).toBe('unavailable')
  })

  test('is used unverified only when verification is off', async () => {
    expect(await outcomeWith({ ...settings, sslVerify: false })).toMatchObject({ outcome: 'fresh' })
  })

  test('is not spoken to in clear text', async () => {
    expect(await outcomeWith({ ...settings, ssl: false })).toMatchObject({ outcome: 'unavailable' })
  })
})

describe('Redis with passwords', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await RedisServer.start()
    await server.cli('acl', 'setuser', 'gateway', 'on', '>secret', ...GATEWAY_RULES)
    await server.cli('acl', 'setuser', 'issuer', 'on', '>secret', ...ISSUER_RULES)
    await server.cli('acl', 'setuser', 'mute', 'on', '>secret', ...GATEWAY_RULES, '-info')
    await server.cli('acl', 'setuser', 'reader', 'on', '>secret', ...GATEWAY_RULES, '-set')
  })

  beforeEach(() => {
    // ioredis says in its own words that it may not ask for INFO.
    jest.spyOn(console, 'warn').mockReturnValue()
  })

  afterEach(() => jest.restoreAllMocks())
  afterAll(() => server.stop())

  const as = (username: string, password = 'secret') => ({ ...server.settings, username, password })

  test('serves an ACL user with the documented rules', async () => {
    expect(await outcomeWith({ ...as('gateway'), database: 2 })).toMatchObject({ outcome: 'fresh' })
    expect(await server.cli('acl', 'log')).toBe('')
  })

  test('lets an issuer with the documented rules manage revocations', async () => {
    const issuer = new Harness(as('issuer'))
    await issuer.replay.revocations.revoke('agent://alice', issuer.nowMs)
    expect(await issuer.replay.revocations.list()).toHaveLength(1)
    await issuer.replay.revocations.unrevoke('agent://alice')
    expect(await issuer.replay.revocations.list()).toHaveLength(0)
    await issuer.replay.close()
  })

  test.each([
    ['the wrong password', () => as('gateway', 'wrong')],
    ['an unknown user', () => as('nobody')],
    ['a user that may not write', () => as('reader')],
  ])('is unavailable with %s', async (_, settings) => {
    const { outcome, lines } = await outcomeWith(settings())
    expect(outcome).toBe('unavailable')
    expect(lines).not.toContain('secret')
  })

  test('takes a password from its file, anew for each connection', async () => {
    const file = join(server.dir, 'password')
    await server.cli('acl', 'setuser', 'gateway', 'resetpass', '>planted-1')
    writeFileSync(file, 'planted-1\n')
    const settings = { ...server.settings, username: 'gateway', passwordFile: file }
    const harness = await Harness.open(settings)
    expect(await harness.claim(harness.use('first'))).toBe('fresh')
    await server.cli('acl', 'setuser', 'gateway', 'resetpass', '>planted-2')
    writeFileSync(file, 'planted-2\n')
    await server.cli('client', 'kill', 'user', 'gateway')
    let uses = 0
    await until(async () => (await harness.claim(harness.use(`next ${uses++}`))) === 'fresh', 5000)

    // A file that goes away takes nothing with it.
    rmSync(file)
    await server.cli('client', 'kill', 'user', 'gateway')
    await until(() => harness.lines.some((line) => line.includes('redis.password_file')), 5000)
    await until(async () => (await harness.claim(harness.use(`later ${uses++}`))) === 'fresh', 5000)
    await harness.replay.close()
    expect(() => new Harness(settings)).toThrow('redis.password_file: cannot be read (ENOENT)')
    expect(harness.lines.join('\n')).not.toContain('planted')
    await server.cli('acl', 'setuser', 'gateway', 'resetpass', '>secret')
  })

  test('does without INFO, and says what is lost', async () => {
    const { outcome, lines } = await outcomeWith(as('mute'))
    expect(outcome).toBe('fresh')
    expect(lines).toContain('does not name its run_id')
  })

  test('does without an INFO that an operator has renamed', async () => {
    const nameless = await RedisServer.start({ args: ['--rename-command', 'INFO', ''] })
    const { outcome, lines } = await outcomeWith(nameless.settings)
    expect(outcome).toBe('fresh')
    expect(lines).toContain('does not name its run_id')
    await nameless.stop()
  })

  test('is served under a mark that a better informed gateway has set', async () => {
    const informed = await Harness.open(as('gateway'))
    const mute = await Harness.open(as('mute'))
    for (let n = 0; n < 3; n += 1) {
      expect(await informed.claim(informed.use(`informed ${n}`))).toBe('fresh')
      expect(await mute.claim(mute.use(`mute ${n}`))).toBe('fresh')
    }
    await Promise.all([informed.replay.close(), mute.replay.close()])
  })
})

describe('an operator is warned', () => {
  let server: RedisServer

  beforeEach(async () => {
    server = await RedisServer.start()
  })

  afterEach(() => server.stop())

  const warnings = async (settings = server.settings) => {
    const harness = await Harness.open(settings)
    // A second connection says nothing new.
    await server.cli('client', 'kill', 'type', 'normal').catch(() => '')
    await harness.claim(harness.use('after the connection was lost'))
    await harness.replay.close()
    return harness.lines.filter((line) => !line.includes('history begins'))
  }

  test('of nothing on a sound server', async () => {
    expect(await warnings()).toEqual([])
  })

  test('once, of a server that may evict records', async () => {
    await server.cli('config', 'set', 'maxmemory-policy', 'allkeys-lru')
    expect(await warnings()).toEqual([expect.stringContaining('allkeys-lru')])
  })

  test('once, of a replica', async () => {
    await server.cli('replicaof', '127.0.0.1', '1')
    const lines = await warnings()
    expect(lines.filter((line) => line.includes('is a replica'))).toHaveLength(1)
  })

  test('once, of a server that is not there when the gateway starts', async () => {
    await server.kill()
    const harness = await Harness.open(server.settings)
    expect(harness.lines).toEqual([expect.stringContaining('ECONNREFUSED')])
    expect(await harness.claim(harness.use('early'))).toBe('unavailable')
    server = await RedisServer.start({ from: server })
    await until(() => harness.lines.join().includes('can be used again'), 5000)
    // The history of an empty server begins with the next second, once the connection is prepared.
    let tokens = 0
    await until(async () => {
      harness.nowMs += 2000
      tokens += 1
      return (await harness.claim(harness.use(`at last ${tokens}`))) === 'fresh'
    }, 5000)
    await harness.replay.close()
  })
})
