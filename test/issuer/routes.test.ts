import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { hashSecret } from '../../issuer/clients/secret-hash.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { redisLink } from '../../lib/redis/redis.ts'
import { RedisRevocationList } from '../../lib/revocation/redis-list.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import { Authority } from '../lib/keys/certificates.ts'
import {
  BILLING_TOKEN,
  basic,
  ISSUER,
  issuerKey,
  MemoryRevocations,
  SECRET,
  TestIssuer,
} from './fixture.ts'

async function clients() {
  const secretHashes = [await hashSecret(SECRET)]
  return ['billing', 'ops', 'watch'].map((name) => ({ name, secretHashes }))
}

const REVOCATION = {
  rules: [{ callers: ['client:ops'], subjects: ['job://*'] }],
  readers: ['client:watch'],
}

describe('what anybody may read', () => {
  let issuer: TestIssuer
  beforeAll(async () => {
    issuer = await TestIssuer.start({ issuer: `${ISSUER}/team` })
  })
  afterAll(() => issuer.stop())

  test.each(['', '/team'])('the keys, below "%s"', async (prefix) => {
    const { json, headers } = await issuer.call(`${prefix}/.well-known/jwks.json`)
    expect(json).toEqual({ keys: [issuerKey('trusted').jwk] })
    expect(headers['cache-control']).toBe('private, max-age=60')
    expect(headers['content-type']).toContain('application/jwk-set+json')
  })

  test('the discovery document', async () => {
    const { json, headers } = await issuer.call('/.well-known/oathmesh-issuer')
    expect(headers['cache-control']).toBe('public, max-age=3600')
    expect(json).toEqual({
      issuer: `${ISSUER}/team`,
      jwks_uri: `${ISSUER}/team/.well-known/jwks.json`,
      token_endpoint: `${ISSUER}/team/v1/token`,
      alg_values_supported: ['EdDSA'],
      max_ttl_seconds: 300,
      token_type: 'om+jwt',
      binding_modes_supported: ['off', 'body', 'method_path_body', 'strict'],
      version: '1.0',
    })
  })

  test('the health', async () => {
    expect(await issuer.call('/healthz')).toMatchObject({ status: 200, text: 'ok' })
    expect(await issuer.call('/readyz')).toMatchObject({ status: 200, text: 'ready' })
  })

  test.each(['/', '/v1/tokens', '/%zz', '/v1/token'])('and nothing at GET %s', async (path) => {
    const { status, json } = await issuer.call(path)
    expect([status, json['error']]).toEqual([404, 'not_found'])
    expect(JSON.stringify(json)).not.toContain(path.slice(1) || 'fastify')
  })
})

describe('the revocation routes', () => {
  let issuer: TestIssuer
  const list = new MemoryRevocations()
  const change = (name: string, method: string, body: object) =>
    issuer.call('/v1/admin/revoke', {
      method,
      authorization: basic(name),
      body: JSON.stringify(body),
    })

  beforeAll(async () => {
    issuer = await TestIssuer.start(
      { clients: await clients(), revocation: REVOCATION },
      { revocations: list },
    )
  })
  beforeEach(() => {
    list.revoked.clear()
    list.away = false
    issuer.audit.length = 0
  })
  afterAll(() => issuer.stop())

  test('revoke, list and lift', async () => {
    const sub = 'job://github/acme/storefront'
    expect((await change('ops', 'POST', { sub })).json).toEqual({ status: 'revoked' })
    const read = await issuer.call('/v1/revoked-subjects', { authorization: basic('watch') })
    expect(read.json).toEqual({ revocations: [{ sub, revoked_at: '2026-03-30T22:50:00.000Z' }] })
    expect((await change('ops', 'DELETE', { sub })).json).toEqual({ status: 'unrevoked' })
    expect(list.revoked.size).toBe(0)
    expect(issuer.audit).toMatchObject([
      { event: 'revoke', caller: 'client:ops', sub },
      { event: 'unrevoke', caller: 'client:ops', sub },
    ])
  })

  test.each([
    ['a caller who is no admin', 'billing', { sub: 'job://x' }, 403, 'admin_denied'],
    ['a reader', 'watch', { sub: 'job://x' }, 403, 'admin_denied'],
    ['a subject of others', 'ops', { sub: 'svc://acme/billing' }, 403, 'admin_denied'],
    ['no subject', 'ops', {}, 400, 'missing_subject'],
    ['a subject that is a list', 'ops', { sub: ['job://x'] }, 400, 'invalid_request'],
    ['more than a subject', 'ops', { sub: 'job://x', all: true }, 400, 'invalid_request'],
    ['a subject nobody can have', 'ops', { sub: 'job://a b' }, 400, 'invalid_subject'],
  ])('refuse %s', async (_, name, body, status, code) => {
    const answer = await change(name, 'POST', body)
    expect([answer.status, answer.json['error'], list.revoked.size]).toEqual([status, code, 0])
    expect(issuer.audit).toMatchObject([{ event: 'refuse', code }])
  })

  test('do not show the list to just anybody', async () => {
    expect((await issuer.call('/v1/revoked-subjects')).status).toBe(401)
    const other = await issuer.call('/v1/revoked-subjects', { authorization: basic('billing') })
    expect(other.json['error']).toBe('admin_denied')
  })

  test('say that the list is away, and not where it is', async () => {
    list.away = true
    const answer = await change('ops', 'POST', { sub: 'job://x' })
    expect(answer).toMatchObject({ status: 503, json: { error: 'internal_error' } })
    expect(answer.text).not.toContain('10.9.8.7')
    expect(answer.headers['retry-after']).toBe('5')
  })

  test('say that there is no list', async () => {
    const own = await TestIssuer.start({ clients: await clients(), revocation: REVOCATION })
    const answer = await own.call('/v1/admin/revoke', {
      authorization: basic('ops'),
      body: '{"sub":"job://x"}',
    })
    expect(answer).toMatchObject({ status: 400, json: { error: 'revocation_disabled' } })
    await own.stop()
  })

  test('write to the hash that gateways ask', async () => {
    const server = await RedisServer.start()
    const link = redisLink(server.settings, {
      log: silentLog,
      random: () => 0.5,
      stopwatch: () => performance.now(),
    })
    const revocations = new RedisRevocationList({ link, timeoutMs: 1000 })
    const settings = { clients: await clients(), revocation: REVOCATION }
    const own = await TestIssuer.start(settings, { revocations })
    await own.call('/v1/admin/revoke', { authorization: basic('ops'), body: '{"sub":"job://x"}' })
    expect(await server.cli('hget', 'oathmesh:revocations', 'job://x')).toContain('2026-03-30T')
    await own.stop()
    await link.close()
    await server.stop()
  })
})

describe('the server', () => {
  test('serves TLS by file, and another certificate from one moment to the next', async () => {
    const authority = new Authority()
    const issuer = await TestIssuer.start({}, { tls: authority.issue('IP:127.0.0.1') })
    const subjectOf = () => {
      return new Promise<string>((resolve, reject) => {
        const options = { ca: readFileSync(authority.caFile), agent: false }
        request(`${issuer.origin}/healthz`, options, (answer) => {
          const socket = answer.socket as import('node:tls').TLSSocket
          resolve(String(socket.getPeerCertificate().subject.CN))
          answer.resume()
        })
          .once('error', reject)
          .end()
      })
    }
    expect(await subjectOf()).toBe('server-0')
    issuer.server.renew(authority.issue('IP:127.0.0.1'))
    expect(await subjectOf()).toBe('server-1')
    await issuer.stop()
    authority.remove()
  })

  test('lets a request under way end before it stops', async () => {
    const issuer = await TestIssuer.start()
    // The first check of a secret takes a while.
    const pending = issuer.mint(basic(), BILLING_TOKEN)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await issuer.stop()
    expect((await pending).status).toBe(200)
  })

  test('survives what is no HTTP', async () => {
    const issuer = await TestIssuer.start()
    const { port } = issuer.server
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('\x16\x03\x01 hello\r\n\r\n'))
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect((await issuer.call('/healthz')).status).toBe(200)
    await issuer.stop()
  })

  test('shows nothing of a fault of its own, and logs it', async () => {
    const issuer = await TestIssuer.start()
    Object.defineProperty(issuer.keys, 'schedule', {
      get() {
        throw new Error('secret path /var/keys')
      },
    })
    const answer = await issuer.mint(basic(), BILLING_TOKEN)
    expect(answer).toMatchObject({ status: 500, json: { error: 'internal_error' } })
    expect(answer.text).not.toContain('/var/keys')
    expect(issuer.log.lines).toMatchObject([{ level: 'error', message: 'request failed' }])
    await issuer.stop()
  })
})
