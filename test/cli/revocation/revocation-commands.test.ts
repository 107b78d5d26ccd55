import { RedisServer } from '../../../testkit/redis-server.ts'
import { type FakePeer, json, startPeer } from '../../sdk/node/fixture.ts'
import { CommandFolder } from '../command-folder.ts'
import { readOutput } from '../output-schema.ts'

const SUBJECT = 'svc://shop/cart'

let folder: CommandFolder
beforeEach(() => {
  folder = new CommandFolder()
})
afterEach(() => folder.remove())

describe('revocations in Redis', () => {
  let redis: RedisServer
  let url: string
  beforeAll(async () => {
    redis = await RedisServer.start({
      args: ['--requirepass', 'planted-password'],
      cliArgs: ['-a', 'planted-password', '--no-auth-warning'],
    })
    url = `redis://${redis.host}:${redis.port}/0`
  })
  afterAll(() => redis.stop())
  beforeEach(() => folder.write('password', 'planted-password\n'))

  const run = (...args: string[]) =>
    folder.run([...args, '--redis', url, '--redis-password-file', 'password'])

  test('are made, listed and lifted', async () => {
    expect(await run('revoke', SUBJECT)).toEqual({
      stdout: `${SUBJECT}: revoked\n`,
      stderr: '',
      exitCode: 0,
    })
    expect(await redis.cli('hget', 'oathmesh:revocations', SUBJECT)).toMatch(/^\d{4}-.*Z$/)
    expect(await run('revocations')).toEqual({
      stdout: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}svc:\/\/shop\/cart\n$/),
      stderr: '1 revoked subject\n',
      exitCode: 0,
    })
    expect(await run('unrevoke', SUBJECT)).toMatchObject({
      stdout: `${SUBJECT}: unrevoked\n`,
      exitCode: 0,
    })
    expect(await run('revocations')).toEqual({
      stdout: '',
      stderr: '0 revoked subjects\n',
      exitCode: 0,
    })
  })

  test('are printed as JSON', async () => {
    const revoked = await run('revoke', SUBJECT, '--json')
    expect(readOutput('revoke', revoked.stdout)).toEqual({ sub: SUBJECT, status: 'revoked' })
    const listed = readOutput('revocations', (await run('revocations', '--json')).stdout)
    expect(listed).toMatchObject({ revocations: [{ sub: SUBJECT }] })
    const lifted = await run('unrevoke', SUBJECT, '--json')
    expect(readOutput('revoke', lifted.stdout)).toEqual({ sub: SUBJECT, status: 'unrevoked' })
  })

  test('are lifted whatever the subject looks like', async () => {
    await redis.cli('hset', 'oathmesh:revocations', 'bob\u001b', 'now')
    expect((await run('unrevoke', 'bob\u001b')).stdout).toBe('bob\\u001b: unrevoked\n')
    expect(await redis.cli('hlen', 'oathmesh:revocations')).toBe('0')
  })

  test('are found by the plugin entity that asks them', async () => {
    const config = {
      audience: 'https://api.example',
      issuers: [{ issuer: 'https://issuer.example' }],
      policy: { allow_all: true },
      replay: { store: 'redis' },
      redis: { host: redis.host, port: redis.port, password: 'planted-password' },
    }
    const kong = { _format_version: '3.0', plugins: [{ name: 'oathmesh', config }] }
    folder.write('kong.yml', JSON.stringify(kong))
    const written = await folder.run(['revocations', '--config', 'kong.yml', '--json'])
    expect(readOutput('revocations', written.stdout)).toEqual({ revocations: [] })
  })

  test('need the password, which is repeated nowhere', async () => {
    folder.write('password', 'wrong')
    const { stderr, exitCode } = await run('revocations')
    expect([stderr, exitCode]).toEqual([
      expect.stringMatching(/^oathmesh: Redis at 127\.0\.0\.1:\d+: /),
      2,
    ])
    expect(stderr).not.toContain('wrong')
  })

  test('are not there when Redis is away', async () => {
    const written = await folder.run(['revoke', SUBJECT, '--redis', 'redis://127.0.0.1:1'])
    expect(written).toMatchObject({ stdout: '', exitCode: 2 })
    expect(written.stderr).toContain('oathmesh: Redis at 127.0.0.1:1: ')
  })
})

describe('revocations at an issuer', () => {
  let issuer: FakePeer
  beforeEach(async () => {
    folder.write('credential', 'planted-credential\n')
    issuer = await startPeer(({ method }, response) => {
      const revocations = [{ sub: SUBJECT, revoked_at: '2026-04-01T00:00:00Z' }]
      json(response, 200, method === 'GET' ? { revocations } : { status: 'done' })
    })
  })
  afterEach(() => issuer.stop())

  const run = (...args: string[]) =>
    folder.run([...args, '--issuer', issuer.origin, '--credential-file', 'credential'])

  test.each([
    ['revoke', 'POST'],
    ['unrevoke', 'DELETE'],
  ])('%s is %s /v1/admin/revoke with the credential', async (command, method) => {
    expect((await run(command, SUBJECT)).exitCode).toBe(0)
    expect(issuer.asked[0]).toMatchObject({
      method,
      url: '/v1/admin/revoke',
      body: `{"sub":"${SUBJECT}"}`,
      headers: { authorization: 'Bearer planted-credential', 'content-type': 'application/json' },
    })
  })

  test('are listed', async () => {
    const { stdout } = await run('revocations', '--json')
    expect(readOutput('revocations', stdout)).toEqual({
      revocations: [{ sub: SUBJECT, revoked_at: '2026-04-01T00:00:00Z' }],
    })
    expect(issuer.asked[0]?.url).toBe('/v1/revoked-subjects')
  })

  test('are none when the issuer says null', async () => {
    issuer.answer = (_, response) => json(response, 200, { revocations: null })
    expect((await run('revocations')).stderr).toBe('0 revoked subjects\n')
  })

  test('take the credential from the environment', async () => {
    process.env['MY_CREDENTIAL'] = 'from-env'
    await folder.run([
      'revoke',
      SUBJECT,
      '--issuer',
      issuer.origin,
      '--credential-env',
      'MY_CREDENTIAL',
    ])
    delete process.env['MY_CREDENTIAL']
    expect(issuer.asked[0]?.headers.authorization).toBe('Bearer from-env')
  })

  test('end with 1 when it refuses and with 2 when it is away', async () => {
    const refusal = { error: 'admin_denied', message: 'm', fix: 'f' }
    issuer.answer = (_, response) => json(response, 403, refusal)
    expect(await run('revoke', SUBJECT)).toEqual({
      stdout: '',
      stderr: `${issuer.origin}: 403 admin_denied m f\n`,
      exitCode: 1,
    })
    issuer.answer = (_, response) => json(response, 503, {})
    expect(await run('revoke', SUBJECT)).toMatchObject({ exitCode: 2 })
    await issuer.stop()
    expect(await run('revoke', SUBJECT)).toEqual({
      stdout: '',
      stderr: `oathmesh: ${issuer.origin}: cannot be reached\n`,
      exitCode: 2,
    })
  })
})

describe('usage of revocations', () => {
  test.each([
    [['revoke'], "error: missing required argument 'subject'"],
    [['revoke', SUBJECT], 'oathmesh: give one of --redis, --config and --issuer'],
    [
      ['revoke', 'bob', '--redis', 'redis://a'],
      'oathmesh: revoke: not a subject, such as svc://shop/cart',
    ],
    [
      ['revocations', '--redis', 'http://a:secret@b'],
      'oathmesh: --redis: must be redis://host:port/database or rediss://…',
    ],
    [
      ['revocations', '--redis', 'redis://a/x'],
      'oathmesh: --redis: must be redis://host:port/database or rediss://…',
    ],
    [['revocations', '--issuer', 'http://issuer.example'], 'oathmesh: --issuer: must be https'],
    [
      ['revocations', '--issuer', 'x', '--redis', 'y'],
      'oathmesh: give one of --redis, --config and --issuer',
    ],
  ])('%j ends with 2', async (args, stderr) => {
    expect(await folder.run(args)).toEqual({ stdout: '', stderr: `${stderr}\n`, exitCode: 2 })
  })

  test.each(['revoke', 'unrevoke', 'revocations'])(
    '%s has examples in its help',
    async (command) => {
      const { stdout, exitCode } = await folder.run([command, '--help'])
      expect([stdout, exitCode]).toEqual([expect.stringContaining(`$ oathmesh ${command} `), 0])
    },
  )
})
