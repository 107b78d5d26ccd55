import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { oathmeshProgram } from '../../../cli/program.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { matchesHash, readSecretHash } from '../../../issuer/clients/secret-hash.ts'
import { temporaryFolder } from '../../issuer/fixture.ts'
import { fakeIo } from '../fake-io.ts'
import { issuerConfig } from './config.ts'

async function run(...args: readonly string[]) {
  const io = fakeIo()
  await runCli(oathmeshProgram(io), args, io)
  return io.written
}

describe('oathmesh', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let keys: string
  const write = (config: object) => folder.write('issuer.yaml', stringify(config))

  beforeEach(() => {
    folder = temporaryFolder()
    keys = join(folder.path, 'keys')
    mkdirSync(keys)
  })
  afterEach(() => folder.remove())

  test('keys rotate adds a key and says when it signs', async () => {
    const config = write(await issuerConfig())
    const { stdout, stderr, exitCode } = await run('keys', 'rotate', '--config', config)
    const [file = ''] = readdirSync(keys)
    const [, kid] = file.split('.')
    expect([stdout, stderr, exitCode]).toEqual([
      expect.stringMatching(new RegExp(`^${kid} signs from \\S+Z, in ${file}\n$`)),
      '',
      0,
    ])
  })

  test('keys rotate --json, then keys list --json, for a folder', async () => {
    const first = JSON.parse((await run('keys', 'rotate', '--directory', keys, '--json')).stdout)
    const later = ['--jwks-ttl', '600']
    const second = JSON.parse(
      (await run('keys', 'rotate', '--directory', keys, ...later, '--json')).stdout,
    )
    expect(Object.keys(second)).toEqual(['outcome', 'kid', 'file', 'signs_from', 'removed'])
    const apart = Date.parse(second.signs_from) - Date.parse(first.signs_from)
    expect(apart / 1000).toBeGreaterThanOrEqual(610)
    expect(apart / 1000).toBeLessThan(640)
    const { stdout, exitCode } = await run('keys', 'list', '--directory', keys, '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).keys).toMatchObject([
      { kid: first.kid, state: 'signing', published_until: expect.any(String) },
      { kid: second.kid, state: 'pending', signs_from: second.signs_from },
    ])
  })

  test('keys rotate --every leaves a young key alone', async () => {
    await run('keys', 'rotate', '--directory', keys)
    const { stdout, exitCode } = await run('keys', 'rotate', '--directory', keys, '--every', '25')
    expect([stdout, exitCode]).toEqual([
      expect.stringMatching(/^\S{43} signs from \S+Z: no rotation is due\n$/),
      0,
    ])
    expect(readdirSync(keys)).toHaveLength(1)
    const wrong = await run('keys', 'rotate', '--directory', keys, '--every', '0')
    expect([wrong.stderr, wrong.exitCode]).toEqual([
      expect.stringContaining('"0" is not a number of days from 1 to 366'),
      2,
    ])
  })

  test('keys rotate makes a missing folder for its owner alone, and leaves the mode of another', async () => {
    const missing = join(folder.path, 'fresh')
    expect((await run('keys', 'rotate', '--directory', missing)).exitCode).toBe(0)
    expect(statSync(missing).mode & 0o777).toBe(0o700)
    chmodSync(keys, 0o750)
    expect((await run('keys', 'rotate', '--directory', keys)).exitCode).toBe(0)
    expect(statSync(keys).mode & 0o777).toBe(0o750)
  })

  test('keys list ends with 1 where no key signs', async () => {
    await run('keys', 'rotate', '--directory', keys, '--delay', '300')
    const { stdout, exitCode } = await run('keys', 'list', '--directory', keys)
    expect([stdout, exitCode]).toEqual([
      expect.stringMatching(/^pending {3}\S{43} {2}signs from/),
      1,
    ])
  })

  test.each([
    [['keys', 'rotate'], 'keys: give either --config or --directory'],
    [['keys', 'rotate', '--directory', '/nowhere/keys'], 'ENOENT'],
    [
      ['keys', 'rotate', '--directory', 'x', '--delay', 'soon'],
      '"soon" is not a number of seconds',
    ],
    [['keys', 'list', '--config', '/nowhere.yaml'], '/nowhere.yaml: no such file'],
    [['client-secret', 'Bad Name'], '"Bad Name": a name is of'],
    [['serve'], "required option '--config <file>' not specified"],
  ])('%j is wrong usage', async (args, message) => {
    const { stdout, stderr, exitCode } = await run(...args)
    expect([stdout, exitCode]).toEqual(['', 2])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  })

  test('client-secret gives a secret and its hash', async () => {
    const made = JSON.parse((await run('client-secret', 'billing', '--json')).stdout)
    expect(made).toMatchObject({ name: 'billing', bearer: `billing~${made.secret}` })
    expect(made.secret).toMatch(/^[\w-]{43}$/)
    const hash = readSecretHash(made.secret_hash)
    expect([await matchesHash(made.secret, hash), await matchesHash('guess', hash)]).toEqual([
      true,
      false,
    ])
  })

  test('serve --check accepts a good configuration', async () => {
    const config = write(await issuerConfig())
    await run('keys', 'rotate', '--config', config)
    expect(await run('serve', '--config', config, '--check')).toEqual({
      stdout: `${config}: valid\n`,
      stderr: '',
      exitCode: 0,
    })
  })

  test('serve --check says that no key signs yet', async () => {
    const config = write(await issuerConfig())
    const { stderr, exitCode } = await run('serve', '--config', config, '--check')
    expect([stderr, exitCode]).toEqual([
      'keys.directory: no active key; "oathmesh keys rotate" makes one\n',
      0,
    ])
  })

  const oidc = {
    name: 'github',
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'https://issuer.acme.example',
    require: { repository_owner: ['acme'] },
    subject: 'job://github/{repository|path}',
  }
  const rule = { name: 'a', callers: ['client:billing'], allow: true }

  test.each<[string, object, string]>([
    ['a misspelt member', { isuer: 'x' }, 'isuer: unknown member; did you mean "issuer"?'],
    ['no rules', { rules: undefined }, 'rules: required member missing'],
    [
      'an http issuer beyond loopback',
      { issuer: 'http://x', listen: { host: '0.0.0.0' } },
      'issuer: must be https (http needs listen.plain_http)',
    ],
    [
      'no TLS beyond loopback',
      { listen: { host: '0.0.0.0' } },
      'listen.tls: required where host is not a loopback address',
    ],
    ['a trailing slash', { issuer: 'https://x/' }, 'issuer: must be a URL without'],
    [
      'an audience that is missing',
      { oidc: [{ ...oidc, audience: undefined }] },
      'oidc[0].audience: required member missing',
    ],
    [
      'an open provider',
      { oidc: [{ ...oidc, require: {} }] },
      'oidc[0].require: must NOT have fewer than 1 properties',
    ],
    [
      'a provider over http',
      { oidc: [{ ...oidc, issuer: 'http://x' }] },
      'oidc[0].issuer: must be an https URL',
    ],
    [
      'an algorithm with a shared secret',
      { oidc: [{ ...oidc, algorithms: ['HS256'] }] },
      'oidc[0].algorithms[0]: must be one of RS256',
    ],
    [
      'a template that is none',
      { oidc: [{ ...oidc, subject: 'job://{a|upper}' }] },
      'oidc[0].subject: "upper" is not a filter',
    ],
    [
      'a provider twice',
      { oidc: [oidc, { ...oidc, name: 'other' }] },
      'oidc[1].issuer: is given twice',
    ],
    [
      'an unbounded rule',
      { rules: [{ ...rule, match: { sub: 'svc://*', act: '*' } }] },
      'rules[0].match.aud: required member missing',
    ],
    [
      'a rule for nobody',
      { rules: [{ ...rule, callers: ['client:x'], match: { sub: 'a', aud: 'b', act: 'c' } }] },
      'rules[0].callers[0]: fits no client and no provider',
    ],
    [
      'a plain secret',
      { clients: [{ name: 'a', secret_hashes: ['hunter2'] }], rules: [] },
      'clients[0].secret_hashes[0]: is not a hash as',
    ],
    [
      'a hash that costs too much',
      {
        clients: [
          { name: 'a', secret_hashes: [`scrypt$524288$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`] },
        ],
        rules: [],
      },
      'clients[0].secret_hashes[0]: is not a hash as',
    ],
    ['nobody to serve', { clients: [], rules: [] }, 'clients: nobody could have a token'],
    [
      'admins without a list',
      { revocation: { admins: [{ callers: ['client:billing'], subjects: ['*'] }] } },
      'revocation.redis: required with admins or readers',
    ],
    [
      'a Redis option there is not',
      { revocation: { redis: { hots: 'x' } } },
      'revocation.redis.hots: unknown member; did you mean "host"?',
    ],
    [
      'a file sink without a file',
      { audit: { sink: 'file' } },
      'audit.file: required with sink file',
    ],
    [
      'certificates there are not',
      { listen: { tls: { cert_file: 'a.pem', key_file: 'b.pem' } } },
      'listen.tls.cert_file: ',
    ],
    ['keys there are not', { keys: { directory: 'none' } }, 'keys.directory: '],
  ])('serve --check refuses %s', async (_, change, message) => {
    const config = write(await issuerConfig(change))
    const { stdout, stderr, exitCode } = await run('serve', '--config', config, '--check')
    expect([stdout, exitCode]).toEqual(['', 2])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter2')
  })

  test('serve --check names every fault at once', async () => {
    const config = write(await issuerConfig({ issuer: 7, keys: {}, audit: { sink: 'syslog' } }))
    const { stderr } = await run('serve', '--config', config, '--check')
    for (const field of ['issuer:', 'keys.directory:', 'audit.sink:'])
      expect(stderr).toContain(field)
  })
})
