import { type FakePeer, json, startIssuer, startPeer } from '../../sdk/node/fixture.ts'
import { CommandFolder } from '../command-folder.ts'
import { readOutput } from '../output-schema.ts'

const CLAIMS = ['--aud', 'https://api.example', '--act', 'items.write']
const OFFLINE = [
  '--key',
  'issuer.pem',
  '--iss',
  'https://issuer.example',
  '--sub',
  'svc://shop/cart',
]

let folder: CommandFolder
let api: FakePeer
let issuer: FakePeer
beforeEach(async () => {
  folder = new CommandFolder()
  api = await startPeer((_, response) => json(response, 200, { items: [] }, { 'x-mine': 'yes' }))
  issuer = await startIssuer()
  folder.write('credential', 'planted-credential')
})
afterEach(async () => {
  folder.remove()
  await api.stop()
  await issuer.stop()
})

const offline = (...args: string[]) => folder.run(['curl', ...OFFLINE, ...CLAIMS, ...args])
const online = (...args: string[]) => {
  const origin = ['--issuer', issuer.origin, '--credential-file', 'credential']
  return folder.run(['curl', ...origin, ...CLAIMS, ...args])
}
const claimsSent = () => {
  const [, payload = ''] = api.asked[0]?.headers.authorization?.split('.') ?? []
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
}

describe('oathmesh curl', () => {
  test('calls with a token of its own, and prints body and status', async () => {
    expect(await offline('--scope', 'items', '--ttl', '60', `${api.origin}/items?a=1`)).toEqual({
      stdout: '{"items":[]}\n',
      stderr: '200 OK\n',
      exitCode: 0,
    })
    expect(api.asked[0]).toMatchObject({ method: 'GET', url: '/items?a=1' })
    expect(claimsSent()).toMatchObject({ sub: 'svc://shop/cart', scope: ['items'] })
  })

  test('mints at an issuer', async () => {
    expect((await online(api.origin)).exitCode).toBe(0)
    expect(api.asked[0]?.headers.authorization).toBe('OathMesh t1')
    expect(issuer.asked[0]?.headers.authorization).toBe('Bearer planted-credential')
  })

  test('prints status and headers before the body with -i', async () => {
    const { stdout, stderr } = await offline('-i', api.origin)
    expect(stdout).toMatch(
      /^200 OK\n(?:[\w-]+: .*\n)*x-mine: yes\n(?:[\w-]+: .*\n)*\n\{"items":\[\]\}\n$/,
    )
    expect(stderr).toBe('')
  })

  test('prints JSON', async () => {
    const { stdout } = await offline('--json', api.origin)
    expect(readOutput('curl', stdout)).toMatchObject({ status: 200, body: { items: [] } })
  })

  test('sends method, headers and body, and binds the token to them', async () => {
    folder.write('item.json', '{"sku":"A-1","qty":2}')
    const target = `${api.origin}/v1/items?dry=1`
    await offline(
      '-d',
      '@item.json',
      '-H',
      'Content-Type: application/json',
      '--bind-mode',
      'strict',
      target,
    )
    expect(api.asked[0]).toMatchObject({
      method: 'POST',
      body: '{"sku":"A-1","qty":2}',
      headers: { 'content-type': 'application/json' },
    })
    const rqh = 'sha256:1520d969d94b98ad3ffa3cd8fd60544a17bc7faea342bc3f7900d9ee58e9eff3'
    expect(claimsSent()).toMatchObject({ rqh })
  })

  test('ends with 1 when the gateway refuses, and shows what it says', async () => {
    api.answer = (_, response) => json(response, 403, { error: 'policy_denied', fix: 'f' })
    expect(await offline('-X', 'DELETE', api.origin)).toMatchObject({
      stdout: '{"error":"policy_denied","fix":"f"}\n',
      stderr: '403 Forbidden\n',
      exitCode: 1,
    })
  })

  test('ends with 1 when the issuer refuses, and calls nobody', async () => {
    issuer.answer = (_, response) => json(response, 403, { error: 'mint_denied' })
    expect(await online(api.origin)).toEqual({
      stdout: '',
      stderr: 'the issuer gave no token: 403 mint_denied\n',
      exitCode: 1,
    })
    expect(api.asked).toEqual([])
  })

  test('ends with 2 when there is no answer', async () => {
    const { origin } = api
    await api.stop()
    const { stderr, exitCode } = await offline(origin)
    expect([stderr, exitCode]).toEqual([
      expect.stringMatching(/^oathmesh: curl: .*ECONNREFUSED/),
      2,
    ])
  })

  test('lets no answer steer the terminal', async () => {
    api.answer = (_, response) => void response.end('a\u001b[2J\nb')
    const args = ['curl', ...OFFLINE, ...CLAIMS, api.origin]
    expect((await folder.run(args, '', true)).stdout).toBe('a\\u001b[2J\nb\n')
  })

  test.each([
    [['http://a'], 'give either --key or --issuer'],
    [['--key', 'issuer.pem', 'http://a'], '--key needs --iss'],
    [['--key', 'issuer.pem', '--iss', 'i', 'http://a'], 'subject: needed with key'],
    [
      ['--issuer', 'http://a', '--credential-file', 'credential', 'http://a'],
      'issuer: must be https',
    ],
    [
      ['--issuer', 'https://a', 'http://a'],
      '--issuer needs --credential-file or OATHMESH_CREDENTIAL',
    ],
    [[...OFFLINE, 'items'], 'not an http(s) URL'],
    [[...OFFLINE, '-H', 'secret', 'http://a'], "--header must be 'Name: value'"],
    [
      ['--key', '-', '-d', '-', 'http://a'],
      'only one of --key, --credential-file and --data can be standard input',
    ],
  ])('%j ends with 2', async (args, message) => {
    const written = await folder.run(['curl', ...CLAIMS, ...args])
    expect(written).toEqual({ stdout: '', stderr: `oathmesh: curl: ${message}\n`, exitCode: 2 })
  })

  test('has examples in its help', async () => {
    expect((await folder.run(['curl', '--help'])).stdout).toContain('$ oathmesh curl --key ')
  })
})
