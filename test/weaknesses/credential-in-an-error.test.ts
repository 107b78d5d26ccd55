import { inspect } from 'node:util'
import { createClient, githubActions } from '../../sdk/node/index.ts'
import { CommandFolder, KEY_PEM } from '../cli/command-folder.ts'
import { type FakePeer, json, startIssuer, startPeer } from '../sdk/node/fixture.ts'

const SECRET = 'planted-secret'
const CLAIMS = { audience: 'https://api.example', action: 'items.read' }

/** What a header cannot carry, or what is no credential at all. */
const UNUSABLE: readonly (readonly [string, string, RegExp])[] = [
  ['a line break', `${SECRET}\nsecond`, /one line/],
  ['a carriage return', `${SECRET}\rsecond`, /one line/],
  ['NUL', `${SECRET}\0`, /printable ASCII/],
  ['a letter beyond ASCII', `${SECRET}é`, /printable ASCII/],
  ['a typographic quote', `“${SECRET}”`, /printable ASCII/],
  ['a private key', `${KEY_PEM}${SECRET}`, /PEM/],
  ['a tab', `${SECRET}\tsecond`, /printable ASCII/],
]

let issuer: FakePeer
beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(() => issuer.stop())

describe('a credential that cannot be sent', () => {
  let folder: CommandFolder
  beforeEach(() => {
    folder = new CommandFolder()
  })
  afterEach(() => folder.remove())

  describe.each([
    ['curl', ['curl', '--aud', 'a', '--act', 'b', 'https://api.example']],
    ['revoke', ['revoke', 'svc://shop/cart']],
    ['unrevoke', ['unrevoke', 'svc://shop/cart']],
    ['revocations', ['revocations']],
  ])('%s', (_, args) => {
    test.each(UNUSABLE)(
      'names the file that holds %s, and quotes nothing',
      async (_, text, why) => {
        folder.write('credential', text)
        const where = ['--issuer', issuer.origin, '--credential-file', 'credential']
        const { stdout, stderr, exitCode } = await folder.run([...args, ...where])
        expect([stdout, exitCode]).toEqual(['', 2])
        expect(stderr).toMatch(/^oathmesh: credential: [^\n]*\n$/)
        expect(stderr).toMatch(why)
        expect(stderr).not.toContain(SECRET)
        expect(issuer.asked).toEqual([])
      },
    )

    test('names the variable, and quotes nothing', async () => {
      process.env['MY_CREDENTIAL'] = `${SECRET}\nsecond`
      const where = ['--issuer', issuer.origin, '--credential-env', 'MY_CREDENTIAL']
      const { stderr, exitCode } = await folder.run([...args, ...where])
      delete process.env['MY_CREDENTIAL']
      expect([stderr, exitCode]).toEqual([
        'oathmesh: MY_CREDENTIAL: must be one line; found a line break within it\n',
        2,
      ])
    })
  })

  describe.each([
    [
      'mint',
      ['mint', '--iss', 'https://i', '--aud', 'a', '--act', 'b', '--sub', 'svc://x', '--key'],
    ],
    ['jwks', ['jwks']],
    ['token', ['token', '--aud', 'a', '--act', 'b', '--issuer', 'https://i', '--credential-file']],
    ['audit verify', ['audit', 'verify', '/dev/null', '--key-file']],
  ])('%s', (_, args) => {
    test.each([
      ['a key in PEM', `${KEY_PEM}${SECRET}\n-----END PRIVATE KEY-----`],
      ['the body of one', `\n${SECRET}\n`],
      ['a JWK', `{"d":"${SECRET}"}`],
      ['a token', `eyJ${SECRET}.eyJ${SECRET}.${SECRET}-and-more`],
      ['a long text', SECRET.repeat(20)],
    ])('does not repeat %s that is given for the name of its file', async (__, text) => {
      const { stdout, stderr, exitCode } = await folder.run([...args, text])
      expect([stdout, exitCode]).toEqual(['', 2])
      expect(stderr).toMatch(/expected the name of a file(?:, found | that holds )/)
      expect(stderr).not.toContain(SECRET)
    })
  })

  test('is not repeated where it is given for the name of its file', async () => {
    const where = ['--issuer', issuer.origin, '--credential-file', `${SECRET}-and-more`]
    const { stderr, exitCode } = await folder.run(['revocations', ...where])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--credential-file: no such file')
    expect(stderr).not.toContain(SECRET)
  })

  test('in a URL of Redis that cannot be decoded is not repeated', async () => {
    const { stderr, exitCode } = await folder.run([
      'revocations',
      '--redis',
      `redis://u:${SECRET}%zz@h`,
    ])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^oathmesh: --redis: must be/)
  })

  test('a password of Redis is repeated by nothing either', async () => {
    folder.write('password', `${SECRET}\nsecond`)
    const where = ['--redis', 'redis://127.0.0.1:1', '--redis-password-file', 'password']
    const { stderr, exitCode } = await folder.run(['revocations', ...where])
    expect(exitCode).toBe(2)
    expect(stderr).not.toContain(SECRET)
  })
})

describe('the Node client', () => {
  test.each(UNUSABLE)('refuses %s when it is made', (_, credential, why) => {
    const thrown = errorOf(() => createClient({ ...CLAIMS, issuer: issuer.origin, credential }))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(inspect(thrown)).toMatch(why)
    expect(inspect(thrown)).not.toContain(SECRET)
  })

  test.each(UNUSABLE)('refuses %s when a function gives it', async (_, text, why) => {
    const client = createClient({ ...CLAIMS, issuer: issuer.origin, credential: () => text })
    const thrown = await client.authorization().catch((cause: unknown) => cause)
    expect(inspect(thrown)).toMatch(why)
    expect(inspect(thrown)).not.toContain(SECRET)
  })

  test('passes on no message of the platform about what is to be sent', async () => {
    const client = createClient({ ...CLAIMS, issuer: issuer.origin, credential: 'sound' })
    const calls: readonly (readonly [string, RequestInit])[] = [
      [`http://user:${SECRET}@127.0.0.1/`, {}],
      ['http://127.0.0.1/', { headers: { cookie: `${SECRET}\nx` } }],
      ['http://127.0.0.1/', { headers: [[`${SECRET} `, 'x']] }],
      ['http://127.0.0.1/', { method: `GET ${SECRET}` }],
      [`//${SECRET}`, {}],
      ['http://127.0.0.1/', { method: 'GET', body: SECRET }],
    ]
    for (const [url, init] of calls) {
      const thrown = await client.fetch(url, init).catch((cause: unknown) => cause)
      expect(thrown).toBeInstanceOf(TypeError)
      expect(inspect(thrown)).not.toContain(SECRET)
    }
  })

  test('keeps a token to itself that no header can carry', async () => {
    issuer.answer = (_, response) => json(response, 200, { token: `${SECRET}\nx`, expires_in: 60 })
    const client = createClient({ ...CLAIMS, issuer: issuer.origin, credential: 'sound' })
    const thrown = await client.fetch('http://127.0.0.1/').catch((cause: unknown) => cause)
    expect(inspect(thrown)).toContain('its answer has none')
    expect(inspect(thrown)).not.toContain(SECRET)
  })

  test('reads no more of an answer than a refusal or a token needs', async () => {
    const endless = await startPeer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const fill = () => {
        while (response.write(' '.repeat(65_536)));
        response.once('drain', fill)
      }
      fill()
    })
    const client = createClient({ ...CLAIMS, issuer: endless.origin, credential: 'sound' })
    await expect(client.authorization()).rejects.toThrow('its answer has none')
    await endless.stop()
  })

  test('says which variable of GitHub cannot be used', () => {
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://127.0.0.1/token',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: `${SECRET}\nx`,
    }
    const thrown = errorOf(() => githubActions('https://issuer.example', { env }))
    expect(inspect(thrown)).toContain('ACTIONS_ID_TOKEN_REQUEST_TOKEN: must be one line')
    expect(inspect(thrown)).not.toContain(SECRET)
  })
})

function errorOf(make: () => unknown): unknown {
  try {
    return make()
  } catch (cause) {
    return cause
  }
}
