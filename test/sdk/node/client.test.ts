import { requestHash } from '../../../lib/binding/request-hash.ts'
import { clientOf } from '../../../sdk/node/client.ts'
import type { ClientOptions } from '../../../sdk/node/client-options.ts'
import { KEYS } from '../../../testkit/keys.ts'
import {
  type FakePeer,
  type FakePorts,
  fakePorts,
  json,
  startIssuer,
  startPeer,
} from './fixture.ts'

let issuer: FakePeer
let api: FakePeer
let ports: FakePorts
beforeEach(async () => {
  issuer = await startIssuer()
  api = await startPeer((_, response) => json(response, 200, {}))
  ports = fakePorts()
})
afterEach(async () => {
  await issuer.stop()
  await api.stop()
})

const clientWith = (options: Partial<ClientOptions> = {}) =>
  clientOf(
    {
      issuer: issuer.origin,
      credential: 'secret',
      audience: 'https://api.example',
      action: 'items.write',
      ...options,
    },
    ports,
  )
const sent = () => api.asked.map(({ headers }) => headers.authorization)
const refusal = (error: string, step = 13) => ({ error, step, message: 'm', fix: 'f' })
const bodyOf = (peer: FakePeer, at = 0) => JSON.parse(peer.asked[at]?.body ?? '') as unknown

describe('a client of an issuer', () => {
  test('mints one token per call', async () => {
    const client = clientWith()
    await client.fetch(`${api.origin}/items`)
    await client.fetch(`${api.origin}/items`)
    expect(sent()).toEqual(['OathMesh t1', 'OathMesh t2'])
  })

  test.each([401, 503])('brings back a %i of the service that is no JSON', async (status) => {
    api.answer = (_, response) => {
      response.writeHead(status, { 'content-type': 'text/plain' })
      response.end('no')
    }
    const answer = await clientWith().fetch(`${api.origin}/items`)
    expect([answer.status, await answer.text()]).toEqual([status, 'no'])
  })

  test('asks for what it was told to, with its credential', async () => {
    await clientWith({
      subject: 'svc://shop/cart',
      scope: ['items.write'],
      reason: 'restock',
      env: 'prod',
      tenant: 'acme',
      source: { type: 'cron' },
      ttlSeconds: 60,
    }).fetch(api.origin)
    expect(issuer.asked[0]).toMatchObject({
      method: 'POST',
      url: '/v1/token',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    })
    expect(bodyOf(issuer)).toEqual({
      sub: 'svc://shop/cart',
      aud: 'https://api.example',
      act: 'items.write',
      ttl_hint: 60,
      scope: ['items.write'],
      reason: 'restock',
      env: 'prod',
      tenant: 'acme',
      src: { type: 'cron' },
    })
  })

  test('takes a fresh credential from a function each time', async () => {
    let count = 0
    const client = clientWith({ credential: async () => `oidc-${++count}` })
    await client.authorization()
    await client.authorization()
    const used = issuer.asked.map(({ headers }) => headers.authorization)
    expect(used).toEqual(['Bearer oidc-1', 'Bearer oidc-2'])
  })

  test('replaces an Authorization of the caller and keeps all else', async () => {
    const headers = { authorization: 'Bearer mine', 'x-mine': 'yes' }
    await clientWith().fetch(`${api.origin}/a?b=1`, { method: 'POST', headers, body: 'data' })
    expect(api.asked[0]).toMatchObject({
      method: 'POST',
      url: '/a?b=1',
      body: 'data',
      headers: { authorization: 'OathMesh t1', 'x-mine': 'yes' },
    })
  })

  test('gives a redirect back, since its token is spent', async () => {
    api.answer = (_, response) => response.writeHead(302, { location: '/other' }).end()
    const answer = await clientWith().fetch(api.origin)
    expect([answer.status, answer.headers.get('location'), api.asked.length]).toEqual([
      302,
      '/other',
      1,
    ])
  })

  test('never sends a credential over http, unless to this machine', () => {
    expect(() => clientWith({ issuer: 'http://issuer.example' })).toThrow('issuer: must be https')
  })

  test('never follows a redirect of the issuer', async () => {
    issuer.answer = (_, response) => response.writeHead(307, { location: api.origin }).end()
    await expect(clientWith().fetch(api.origin)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(api.asked).toEqual([])
  })
})

describe('an answer that is lost', () => {
  const breakOnce = () => {
    const { answer } = api
    api.answer = (_, response) => {
      api.answer = answer
      response.socket?.destroy()
    }
  }

  test.each(['GET', 'PUT', 'DELETE'])('is asked for again, once, with %s', async (method) => {
    breakOnce()
    const answer = await clientWith().fetch(api.origin, { method })
    expect([answer.status, sent()]).toEqual([200, ['OathMesh t1', 'OathMesh t2']])
  })

  test('is asked for no third time', async () => {
    api.answer = (_, response) => response.socket?.destroy()
    await expect(clientWith().fetch(api.origin)).rejects.toThrow('fetch failed')
    expect(sent()).toEqual(['OathMesh t1', 'OathMesh t2'])
  })

  test.each([
    ['POST', { method: 'POST', body: 'x' }],
    ['a stream', { method: 'PUT', body: new Blob(['x']).stream(), duplex: 'half' }],
  ])('of %s is not', async (_, init) => {
    breakOnce()
    await expect(clientWith().fetch(api.origin, init as RequestInit)).rejects.toThrow(
      'fetch failed',
    )
    expect(sent()).toEqual(['OathMesh t1'])
  })

  test('of a caller who has given up is not', async () => {
    const abort = new AbortController()
    api.answer = () => abort.abort(new Error('enough'))
    const call = clientWith().fetch(api.origin, { signal: abort.signal })
    await expect(call).rejects.toThrow('enough')
    expect(sent()).toEqual(['OathMesh t1'])
  })
})

describe('a client without a token', () => {
  test('says what the issuer said, and does not call', async () => {
    issuer.answer = (_, response) => json(response, 403, refusal('mint_denied'))
    await expect(clientWith().fetch(api.origin)).rejects.toMatchObject({
      name: 'MintError',
      kind: 'refused',
      code: 'mint_denied',
      status: 403,
      message: 'the issuer gave no token: 403 mint_denied: m f',
    })
    expect(api.asked).toEqual([])
  })

  test.each([503, 429])('waits as long as the issuer asks after %i', async (status) => {
    const { answer } = issuer
    issuer.answer = (_, response) => {
      issuer.answer = answer
      json(response, status, {}, { 'retry-after': '3' })
    }
    await clientWith().fetch(api.origin)
    expect([ports.waited, sent()]).toEqual([[3000], ['OathMesh t1']])
  })

  test('gives up after its retries, and at once when the wait is too long', async () => {
    let seconds = '1'
    issuer.answer = (_, response) => json(response, 503, {}, { 'retry-after': seconds })
    await expect(clientWith().fetch(api.origin)).rejects.toMatchObject({ status: 503 })
    expect(ports.waited).toEqual([1000, 1000])
    seconds = '11'
    await expect(clientWith().fetch(api.origin)).rejects.toMatchObject({ status: 503 })
    expect(ports.waited).toEqual([1000, 1000])
  })

  test.each([
    ['no answer', () => issuer.stop(), 'it cannot be reached'],
    ['an answer without a token', () => answerWith({}), 'its answer has none'],
    ['an answer that never comes', () => answerNever(), 'no answer within 1000 ms'],
  ])('says so after %s', async (_, prepare, why) => {
    await prepare()
    const client = clientWith({ timeoutMs: 1000 })
    const failed = client.fetch(api.origin)
    await expect(failed).rejects.toThrow(`the issuer gave no token: ${why}`)
  })

  const answerWith = (body: object) => {
    issuer.answer = (_, response) => json(response, 200, body)
  }
  const answerNever = () => {
    issuer.answer = () => {}
  }

  test('stops when the caller does', async () => {
    answerNever()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(clientWith().fetch(api.origin, { signal })).rejects.toThrow('enough')
  })
})

describe('a client whose call is held back', () => {
  const refuseOnce = (status: number, body: object, headers = {}) => {
    api.answer = (_, response) => {
      api.answer = (__, next) => json(next, 200, {})
      json(response, status, body, headers)
    }
  }

  test('waits and sends again with another token, whatever the method', async () => {
    refuseOnce(503, refusal('verification_failed'), { 'retry-after': '1' })
    const answer = await clientWith().fetch(api.origin, { method: 'POST', body: 'data' })
    expect([answer.status, ports.waited]).toEqual([200, [1000]])
    expect(sent()).toEqual(['OathMesh t1', 'OathMesh t2'])
    expect(api.asked.map(({ body }) => body)).toEqual(['data', 'data'])
  })

  test.each([
    ['GET', 200],
    ['POST', 503],
  ])('treats a 503 of the upstream by the method: %s ends with %i', async (method, status) => {
    refuseOnce(503, { error: 'busy' }, { 'retry-after': '1' })
    expect((await clientWith().fetch(api.origin, { method })).status).toBe(status)
  })

  test('does not wait for a 503 that names no time', async () => {
    refuseOnce(503, refusal('verification_failed'))
    expect((await clientWith().fetch(api.origin)).status).toBe(503)
  })

  test('leaves the body of the last answer to the caller', async () => {
    const body = refusal('verification_failed')
    api.answer = (_, response) => json(response, 503, body, { 'retry-after': '1' })
    const answer = await clientWith().fetch(api.origin)
    expect([await answer.json(), api.asked.length]).toEqual([body, 3])
  })

  test.each([
    ['GET', 200],
    ['PUT', 200],
    ['POST', 401],
  ])('mints once more after a replay: %s ends with %i', async (method, status) => {
    refuseOnce(401, refusal('replay_detected'))
    expect((await clientWith().fetch(api.origin, { method })).status).toBe(status)
    expect(sent()).toHaveLength(status === 200 ? 2 : 1)
  })

  test('mints once more and not twice', async () => {
    api.answer = (_, response) => json(response, 401, refusal('replay_detected'))
    expect((await clientWith().fetch(api.origin)).status).toBe(401)
    expect(api.asked).toHaveLength(2)
  })

  test('mints anew for a gateway that has just started, whatever the method', async () => {
    refuseOnce(401, refusal('verification_failed', 13))
    const client = clientWith({ prefetch: 2 })
    expect((await client.fetch(api.origin, { method: 'POST' })).status).toBe(200)
  })

  test.each([
    ['another refusal', 401, refusal('policy_denied', 14)],
    ['a 401 of the upstream', 401, { error: 'replay_detected' }],
  ])('takes %s as it is', async (_, status, body) => {
    refuseOnce(status, body)
    expect((await clientWith().fetch(api.origin)).status).toBe(401)
    expect(api.asked).toHaveLength(1)
  })

  test('sends a stream once and never again', async () => {
    refuseOnce(503, refusal('verification_failed'), { 'retry-after': '1' })
    const init = { method: 'PUT', body: new Blob(['streamed']).stream(), duplex: 'half' as const }
    const answer = await clientWith().fetch(api.origin, init)
    expect([answer.status, api.asked[0]?.body]).toEqual([503, 'streamed'])
  })
})

describe('a client that binds', () => {
  const line = { method: 'POST', rawPath: '/v1/items', rawQuery: 'dry=1' }
  const body = '{"sku":"A-1","qty":2}'

  test.each(['body', 'method_path_body', 'strict'] as const)(
    'hashes the request as the gateway does: %s',
    async (binding) => {
      const init = { method: 'POST', body }
      await clientWith({ binding }).fetch(`${api.origin}/v1/items?dry=1#part`, init)
      expect(bodyOf(issuer)).toMatchObject({ rqh: requestHash(binding, line, Buffer.from(body)) })
    },
  )

  test('reads a stream for its hash', async () => {
    const init = { method: 'POST', body: new Blob([body]).stream(), duplex: 'half' as const }
    await clientWith({ binding: 'body' }).fetch(api.origin, init)
    const rqh = requestHash('body', undefined, Buffer.from(body))
    expect([bodyOf(issuer), api.asked[0]?.body]).toEqual([expect.objectContaining({ rqh }), body])
  })

  test('wants the request for a header that is sent by other means', async () => {
    const client = clientWith({ binding: 'strict' })
    const url = 'https://api.example/v1/items?dry=1'
    expect(await client.authorization({ method: 'POST', url, body })).toBe('OathMesh t1')
    const rqh = 'sha256:1520d969d94b98ad3ffa3cd8fd60544a17bc7faea342bc3f7900d9ee58e9eff3'
    expect(bodyOf(issuer)).toMatchObject({ rqh })
    await expect(client.authorization()).rejects.toThrow('binding needs the request')
  })
})

describe('a client with a key', () => {
  test('mints by itself', async () => {
    const offline = { credential: undefined, key: KEYS.trusted, subject: 'svc://shop/cart' }
    const { credential, ...options } = offline
    const client = clientOf(
      {
        issuer: 'https://issuer.example',
        audience: 'https://api.example',
        action: 'items.read',
        scope: ['items'],
        reason: 'why',
        env: 'prod',
        tenant: 'acme',
        source: { repo: 'acme/shop' },
        binding: 'body',
        ...options,
      },
      ports,
    )
    await client.fetch(api.origin)
    const [, payload = ''] = sent()[0]?.split('.') ?? []
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
      iss: 'https://issuer.example',
      sub: 'svc://shop/cart',
      aud: 'https://api.example',
      act: 'items.read',
      iat: 1_774_911_000,
      exp: 1_774_911_120,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      scope: ['items'],
      reason: 'why',
      src: { repo: 'acme/shop' },
      env: 'prod',
      tenant: 'acme',
      rqh: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    })
  })
})

describe('a client that fetches ahead', () => {
  const settled = () => new Promise((done) => setTimeout(done, 50))

  test('hands every token out once and keeps its number', async () => {
    const client = clientWith({ prefetch: 2 })
    await client.authorization()
    await settled()
    const ahead = issuer.asked.length
    const tokens = await Promise.all([client.authorization(), client.authorization()])
    await settled()
    expect([ahead, new Set(tokens).size, issuer.asked.length]).toEqual([3, 2, 5])
  })

  test('never hands out a token that is about to expire', async () => {
    const client = clientWith({ prefetch: 1 })
    await client.authorization()
    await settled()
    ports.nowMs += 110_000
    await client.authorization()
    expect(issuer.asked.length).toBeGreaterThanOrEqual(3)
  })

  test('leaves a failure to the call that needs the token', async () => {
    issuer.answer = (_, response) => json(response, 500, {})
    await expect(clientWith({ prefetch: 2 }).authorization()).rejects.toMatchObject({ status: 500 })
  })
})
