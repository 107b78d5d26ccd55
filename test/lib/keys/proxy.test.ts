import { readFileSync } from 'node:fs'
import { KeyCache } from '../../../lib/keys/key-cache.ts'
import { NodeHttp } from '../../../lib/ports/http.ts'
import { proxyFrom } from '../../../lib/ports/proxy.ts'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'
import { TestProxy } from '../../../testkit/test-proxy.ts'
import { Authority } from './certificates.ts'

const LIMITS = { timeoutMs: 5000, maxBytes: 10_000 }
const authority = new Authority()
let issuer: JwksServer
let proxy: TestProxy
let ca: string

beforeAll(async () => {
  ca = readFileSync(authority.caFile, 'utf8')
  const keys = document({ keys: [publicJwk(KEYS.trusted)] })
  issuer = await JwksServer.start(keys, authority.issue('DNS:issuer.test'))
})
beforeEach(async () => {
  proxy = await new TestProxy(Number(new URL(issuer.origin).port)).start()
})
afterEach(() => proxy.stop())
afterAll(async () => {
  await issuer.stop()
  authority.remove()
})

const environment = (more: object = {}) => {
  const url = `http://127.0.0.1:${proxy.port}`
  return { HTTPS_PROXY: url, HTTP_PROXY: url, ...more }
}
const get = (url: string, env: Record<string, string>) =>
  new NodeHttp({ ca, proxyFor: proxyFrom(env) }).get(new URL(url), LIMITS)

describe('keys through a proxy', () => {
  test('are fetched by CONNECT, with TLS to the issuer itself', async () => {
    const { status } = await get('https://issuer.test/jwks', environment())
    expect([status, proxy.asked]).toEqual([200, ['CONNECT issuer.test:443']])
  })

  test('come over one tunnel that is kept', async () => {
    const http = new NodeHttp({ ca, proxyFor: proxyFrom(environment()) })
    await http.get(new URL('https://issuer.test:8443/jwks'), LIMITS)
    await http.get(new URL('https://issuer.test:8443/jwks'), LIMITS)
    expect(proxy.asked).toEqual(['CONNECT issuer.test:8443'])
  })

  test('are not trusted when the certificate behind it is for another name', async () => {
    await expect(get('https://other.test/jwks', environment())).rejects.toThrow(/other.test/)
  })

  test('are not trusted when the authority is unknown', async () => {
    const http = new NodeHttp({ proxyFor: proxyFrom(environment()) })
    await expect(http.get(new URL('https://issuer.test/'), LIMITS)).rejects.toThrow(/certificate/)
  })

  test('come by the whole URL where http is allowed', async () => {
    const { status } = await get('http://issuer.test/jwks?a=1', environment())
    expect([status, proxy.asked]).toEqual([200, ['GET http://issuer.test/jwks?a=1']])
  })

  test('are fetched with user and password of the proxy', async () => {
    const url = `http://us%40er:planted-pass@127.0.0.1:${proxy.port}`
    await get('https://issuer.test/', { https_proxy: url })
    const [credentials = ''] = proxy.credentials
    expect(Buffer.from(credentials.slice(6), 'base64').toString()).toBe('us@er:planted-pass')
  })

  test.each(['https://issuer.test/', 'http://issuer.test/'])(
    'are not there when it wants other credentials, which are told to nobody: %s',
    async (url) => {
      proxy.status = 407
      const secret = `http://user:planted-pass@127.0.0.1:${proxy.port}`
      const cause = await get(url, { HTTPS_PROXY: secret, HTTP_PROXY: secret }).catch(String)
      expect(cause).toContain(`the proxy 127.0.0.1:${proxy.port}: answered 407`)
      expect(cause).not.toContain('planted')
    },
  )

  test('are not there when it refuses', async () => {
    proxy.status = 403
    await expect(get('https://issuer.test/', environment())).rejects.toThrow(/answered 403/)
  })

  test('are not there when it is down, and are not asked for directly', async () => {
    const env = environment()
    await proxy.stop()
    const before = issuer.connections
    await expect(get('https://issuer.test/', env)).rejects.toThrow(
      /the proxy 127.0.0.1:\d+: connect ECONNREFUSED/,
    )
    expect(issuer.connections).toBe(before)
    proxy = await new TestProxy(0).start()
  })

  test('are found by the cache of a gateway, which logs no credentials', async () => {
    const lines: string[] = []
    const note = (message: string, fields: object = {}) =>
      void lines.push(`${message} ${JSON.stringify(fields)}`)
    const open = () =>
      new KeyCache({
        issuers: [{ issuer: 'https://issuer.test' }],
        settings: {
          ttlSeconds: 60,
          staleIfErrorSeconds: 600,
          refreshCooldownSeconds: 30,
          timeoutMs: 5000,
          allowHttp: false,
          caFile: authority.caFile,
        },
        clock: { now: () => Date.now() },
        log: { info: note, warn: note, error: note },
        proxyFor: proxyFrom({ HTTPS_PROXY: `http://u:planted@127.0.0.1:${proxy.port}` }),
      })
    const keys = open()
    await keys.prewarm()
    expect(proxy.asked).toEqual(['CONNECT issuer.test:443'])
    proxy.status = 407
    await open().prewarm()
    expect(lines.join('\n')).toContain('answered 407')
    expect(lines.join('\n')).not.toContain('planted')
  })
})

describe('what goes through a proxy', () => {
  const ENV = { HTTPS_PROXY: 'proxy.test:3128', HTTP_PROXY: 'http://plain.test' }
  const through = (url: string, more: Record<string, string> = {}) =>
    proxyFrom({ ...ENV, ...more })(new URL(url))?.host

  test('is told by the scheme', () => {
    expect(through('https://a.test')).toBe('proxy.test:3128')
    expect(through('http://a.test')).toBe('plain.test')
    expect(proxyFrom({})(new URL('https://a.test'))).toBeUndefined()
    expect(through('https://a.test', { https_proxy: 'http://small.test' })).toBe('small.test')
  })

  test.each([
    'https://localhost',
    'https://127.0.0.1:8443',
    'https://127.9.9.9',
    'https://[::1]:1',
  ])('is never loopback: %s', (url) => {
    expect(through(url)).toBeUndefined()
  })

  test.each([
    ['a.test', 'https://a.test'],
    ['a.test', 'https://b.a.test'],
    ['.a.test', 'https://b.a.test'],
    ['*.a.test', 'https://b.a.test'],
    ['A.Test', 'https://a.test'],
    ['x, a.test', 'https://a.test'],
    ['x a.test', 'https://a.test'],
    ['a.test:8443', 'https://a.test:8443'],
    ['a.test:443', 'https://a.test'],
    ['10.0.0.0/8', 'https://10.1.2.3'],
    ['10.1.2.3', 'https://10.1.2.3:8443'],
    ['10.1.2.3:8443', 'https://10.1.2.3:8443'],
    ['fd00::/8', 'https://[fd00::1]'],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443'],
    ['fd00::1', 'https://[fd00:0:0::1]'],
    ['*', 'https://a.test'],
  ])('is not what NO_PROXY excepts: %s, %s', (NO_PROXY, url) => {
    expect(through(url, { NO_PROXY })).toBeUndefined()
    expect(through(url, { no_proxy: NO_PROXY })).toBeUndefined()
  })

  test.each([
    ['a.test', 'https://ba.test'],
    ['a.test', 'https://a.test.evil.test'],
    ['a.test:8443', 'https://a.test'],
    ['10.0.0.0/8', 'https://11.1.2.3'],
    ['10.0.0.0/8', 'https://10.evil.test'],
    ['10.0.0.0/33', 'https://10.1.2.3'],
    ['', 'https://a.test'],
    [' , ', 'https://a.test'],
  ])('is what NO_PROXY does not except: %j, %s', (NO_PROXY, url) => {
    expect(through(url, { NO_PROXY })).toBe('proxy.test:3128')
  })

  test.each(['socks5://planted@a', 'http://', 'http://a b planted'])(
    'cannot be told by %j, which is not shown',
    (text) => {
      const open = () => proxyFrom({ HTTPS_PROXY: text })
      expect(open).toThrow('HTTPS_PROXY: must be a URL such as http://proxy.internal:3128')
      expect(open).not.toThrow(/planted/)
    },
  )
})
