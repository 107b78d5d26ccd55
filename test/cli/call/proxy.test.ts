import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { TestProxy } from '../../../testkit/test-proxy.ts'
import { Authority } from '../../lib/keys/certificates.ts'
import { CommandFolder, KEY_PEM } from '../command-folder.ts'

// The commands ask through the proxy of the environment, as the gateways do.

const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy']
const authority = new Authority()
const folder = new CommandFolder()
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]))
let api: JwksServer
let proxy: TestProxy

beforeAll(async () => {
  folder.write('key.pem', KEY_PEM)
  api = await JwksServer.start(document({ keys: [] }), authority.issue('DNS:api.test'))
})
beforeEach(async () => {
  for (const name of VARIABLES) delete process.env[name]
  proxy = await new TestProxy(Number(new URL(api.origin).port)).start()
  process.env['HTTPS_PROXY'] = `http://user:planted-pass@127.0.0.1:${proxy.port}`
})
afterEach(() => proxy.stop())
afterAll(async () => {
  for (const name of VARIABLES) delete process.env[name]
  for (const [name, value] of Object.entries(before)) {
    if (value !== undefined) process.env[name] = value
  }
  folder.remove()
  authority.remove()
  await api.stop()
})

const call = (url: string) =>
  folder.run([
    'curl',
    ...['--key', 'key.pem', '--iss', 'https://issuer.test', '--sub', 'svc://shop/cart'],
    ...['--aud', 'https://api.test', '--act', 'items.read', '--cacert', authority.caFile, url],
  ])

test('oathmesh curl calls through the proxy, with its credentials', async () => {
  const { stdout, exitCode } = await call('https://api.test/items')
  expect([stdout, exitCode]).toEqual([expect.stringContaining('"keys"'), 0])
  expect(proxy.asked).toEqual(['CONNECT api.test:443'])
  const [credentials = ''] = proxy.credentials
  expect(Buffer.from(credentials.slice(6), 'base64').toString()).toBe('user:planted-pass')
})

test('oathmesh curl shows no credentials of a proxy that refuses', async () => {
  proxy.status = 407
  const { stderr, exitCode } = await call('https://api.test/items')
  expect(exitCode).toBe(2)
  expect(stderr).toContain('407')
  expect(stderr).not.toContain('planted')
})

test('oathmesh curl passes by the proxy where NO_PROXY says so', async () => {
  process.env['NO_PROXY'] = '.test'
  const { exitCode } = await call('https://api.test/items')
  expect([exitCode, proxy.asked]).toEqual([2, []])
})

test('oathmesh token and revoke ask an issuer through it', async () => {
  folder.write('credential', 'planted-credential')
  const issuer = ['--issuer', 'https://issuer.test', '--credential-file', 'credential']
  await folder.run(['token', ...issuer, '--aud', 'https://a.test', '--act', 'a'])
  await folder.run(['revoke', 'svc://shop/cart', ...issuer])
  // The certificate is for another name; that it was asked for is what counts here.
  expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT issuer.test:443']))
  expect(proxy.asked.length).toBeGreaterThan(1)
})

test('oathmesh curl names the variable that is no URL', async () => {
  process.env['HTTPS_PROXY'] = 'socks5://planted-pass@a'
  const { stderr, exitCode } = await call('https://api.test/items')
  expect([stderr, exitCode]).toEqual([
    'oathmesh: HTTPS_PROXY: must be a URL such as http://proxy.internal:3128\n',
    2,
  ])
})
