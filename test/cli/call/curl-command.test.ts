import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Authority } from '../../lib/keys/certificates.ts'
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

  test('says why the issuer cannot be reached, and where it is', async () => {
    const { origin } = issuer
    await issuer.stop()
    const { stderr, exitCode } = await online(api.origin)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`ECONNREFUSED ${new URL(origin).host}`)
  })

  test('shows with -v what went over the wire, but for the token', async () => {
    const { stdout, stderr } = await offline('-v', '-H', 'X-Mine: 1', `${api.origin}/items`)
    expect(stderr).toMatch(
      /^> GET \/items\n> host: 127\.0\.0\.1:\d+\n(?:> .*\n)+< 200 OK\n(?:< .*\n)+$/,
    )
    expect(stderr).toContain('> x-mine: 1\n')
    expect(stderr).toMatch(/> authorization: OathMesh \(\d+ characters\)\n/)
    expect(stderr).not.toContain('eyJ')
    expect(stdout).toBe('{"items":[]}\n')
  })

  test('writes the body to a file with -o, byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 10, 0x1b, 0xc3])
    api.answer = (_, response) => void response.end(bytes)
    expect(await offline('-o', 'out.bin', api.origin)).toMatchObject({ stdout: '', exitCode: 0 })
    expect(readFileSync(join(folder.path, 'out.bin'))).toEqual(bytes)
  })

  test('says which file of -o cannot be written', async () => {
    const { stderr, exitCode } = await offline('-o', 'absent/out', api.origin)
    expect([stderr, exitCode]).toEqual([expect.stringContaining('oathmesh: absent/out: '), 2])
  })

  test('prints no body of a failure with -f', async () => {
    api.answer = (_, response) => json(response, 500, { error: 'x' })
    expect(await offline('-f', api.origin)).toEqual({
      stdout: '',
      stderr: '500 Internal Server Error\n',
      exitCode: 1,
    })
  })

  test('says with --explain what the token claimed and why it was refused', async () => {
    api.answer = (_, response) =>
      json(response, 403, {
        error: 'policy_denied',
        step: 14,
        message: 'No.',
        fix: 'Ask.',
        request_id: 'r1',
      })
    const { stderr, exitCode } = await offline('--explain', api.origin)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^the token said\n(?: {2}.*\n)+the gateway refused it: 403\n/)
    expect(stderr).toContain('  sub        svc://shop/cart\n')
    expect(stderr).toContain('  step       14\n')
    expect(stderr).toContain('  request_id r1\n  which rule: ')
  })

  test("tells the gateway's refusal from an answer of the API", async () => {
    api.answer = (_, response) => json(response, 404, { error: 'no such item' })
    expect((await offline('--explain', api.origin)).stderr).toContain(
      '404: not a refusal of the gateway, but an answer of the API behind it\n',
    )
  })

  test.each([
    ['that is absent', 'absent.pem', 'absent.pem: no such file'],
    ['without a certificate', 'issuer.pem', 'issuer.pem: expected certificates in PEM, found none'],
  ])('refuses a --cacert %s', async (_, file, message) => {
    const { stderr, exitCode } = await offline('--cacert', file, api.origin)
    expect([stderr, exitCode]).toEqual([expect.stringContaining(message), 2])
  })

  test('trusts the authority of --cacert', async () => {
    const { ca, server } = await startTls()
    const { port } = server.address() as AddressInfo
    const url = `https://localhost:${port}/`
    folder.write('ca.pem', ca)
    expect((await offline(url)).stderr).toMatch(/certificate/)
    expect(await offline('--cacert', 'ca.pem', url)).toMatchObject({ stdout: 'tls\n', exitCode: 0 })
    server.closeAllConnections()
    server.close()
  })

  test('takes from the environment what does not change from call to call', async () => {
    const env = {
      OATHMESH_ISSUER: issuer.origin,
      OATHMESH_CREDENTIAL: 'planted-from-env',
      OATHMESH_AUD: 'https://api.example',
      OATHMESH_ACT: 'items.write',
      OATHMESH_SUB: 'svc://shop/cart',
    }
    Object.assign(process.env, env)
    const online = await folder.run(['curl', api.origin])
    const offline = await folder.run(['curl', '--key', 'issuer.pem', api.origin])
    for (const name of Object.keys(env)) delete process.env[name]
    expect([online.exitCode, offline.exitCode]).toEqual([0, 0])
    expect(JSON.parse(issuer.asked[0]?.body ?? '')).toMatchObject({
      sub: 'svc://shop/cart',
      aud: 'https://api.example',
      act: 'items.write',
    })
    expect(issuer.asked).toHaveLength(1)
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

/** A server whose certificate nobody trusts by default. */
async function startTls(): Promise<{ ca: string; server: Server }> {
  const authority = new Authority()
  const server = createServer(authority.issue('DNS:localhost'), (_, response) => {
    response.end('tls\n')
  })
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const ca = readFileSync(authority.caFile, 'utf8')
  authority.remove()
  return { ca, server }
}
