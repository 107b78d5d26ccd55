import { createHash } from 'node:crypto'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../../testkit/http-call.ts'
import { valuesOf } from '../../../testkit/seen.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'

/** Nothing listens at the first port of all, and its address is nobody's business. */
const INTERNAL = 'http://127.0.0.1:1/internal/jwks'
const HASH = createHash('sha256').update('paid').digest('hex')

let stack: Loopback
beforeAll(async () => {
  stack = await startOnLoopback({
    entities: serviceWith({
      '/plain': { ...BASE_CONFIG },
      '/bound': { ...BASE_CONFIG, request_binding: { mode: 'body' } },
      '/routes': {
        ...BASE_CONFIG,
        require: { routes: [{ method: 'DELETE', path: '/routes/{id}', action: 'items.delete' }] },
      },
      '/unreachable': {
        ...BASE_CONFIG,
        issuers: [{ issuer: 'https://issuer.example.test', jwks_uri: INTERNAL }],
        keys: { allow_http: true },
      },
      '/observed': { ...BASE_CONFIG, enforcement: 'observe' },
    }),
  })
})
beforeEach(() => {
  stack.seen.length = 0
})
afterAll(async () => {
  closeHttpCalls()
  await stack.stop()
})

interface Call {
  readonly method?: string
  readonly token?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

function call(path: string, { method = 'GET', token, headers = [], body = '' }: Call = {}) {
  const authorization = token === undefined ? [] : ['Authorization', `OathMesh ${token}`]
  const sent = [...authorization, ...headers]
  return httpCall(stack.url, { method, path, headers: sent, body: Buffer.from(body) })
}

const now = () => Math.floor(Date.now() / 1000)

describe('W-01 request binding', () => {
  const bound = () => freshToken({ rqh: `sha256:${HASH}` })

  test('is evaluated: the body that was bound passes, another does not', async () => {
    const post = { method: 'POST' }
    const paid = await call('/bound', { ...post, token: bound(), body: 'paid' })
    const unpaid = await call('/bound', { ...post, token: bound(), body: 'unpaid' })
    expect([paid.status, unpaid.status]).toEqual([200, 401])
    expect(stack.seen).toHaveLength(1)
  })

  test('is not ignored where nobody configured it', async () => {
    const { status } = await call('/plain', { method: 'POST', token: bound(), body: 'paid' })
    expect(status).toBe(401)
  })
})

test('W-03 a token that lives longer than five minutes is refused, however it is signed', async () => {
  const iat = now()
  const lives = [300, 301, 86_400].map((life) => freshToken({ iat, exp: iat + life }))
  const answers = await Promise.all(lives.map((token) => call('/plain', { token })))
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 401])
})

test('W-10 of 200 uses at once, one passes', async () => {
  const token = freshToken()
  const answers = await Promise.all(Array.from({ length: 200 }, () => call('/plain', { token })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(stack.seen).toHaveLength(1)
})

test('W-15 no answer repeats a claim, an internal address or an error of the platform', async () => {
  const token = freshToken({ sub: 'agent://secret/subject', act: 'secret.action' })
  const answers = [
    await call('/unreachable', { token }),
    await call('/plain', { token: `${token.slice(0, -4)}AAAA` }),
    await call('/plain', { token: freshToken({ aud: 'https://secret.internal' }) }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([503, 401, 401])
  for (const { text, headers } of answers) {
    expect(text + JSON.stringify(headers)).not.toMatch(/secret|127\.0\.0\.1|internal\/jwks|ECONN/)
  }
})

test('W-20 the plugin protects: nothing reaches the upstream but with a token, and with its name', async () => {
  expect((await call('/plain')).status).toBe(401)
  expect(stack.seen).toEqual([])
  expect((await call('/plain', { token: freshToken() })).status).toBe(200)
  expect(stack.seen[0]?.headers).toMatchObject({
    'x-oathmesh-subject': 'agent://ci/deploy-bot',
    'x-oathmesh-action': 'inventory.write',
    'x-oathmesh-decision': 'allow',
  })
})

test('W-23 a token for one action does not do another', async () => {
  const reads = { method: 'DELETE', token: freshToken({ act: 'items.read' }) }
  const deletes = { method: 'DELETE', token: freshToken({ act: 'items.delete' }) }
  expect((await call('/routes/7', reads)).status).toBe(403)
  expect((await call('/routes/7', deletes)).status).toBe(200)
})

test('W-24 unproven claims are marked and bounded in the audit', async () => {
  const forged = freshToken({ sub: `agent://forged/${'x'.repeat(2000)}` })
  await call('/plain', { token: `${forged.slice(0, -4)}AAAA` })
  const line = await stack.logged(/"sub":"agent:\/\/forged/)
  const event = JSON.parse(line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1)) as {
    readonly verified: boolean
    readonly sub: string
  }
  expect(event.verified).toBe(false)
  expect(event.sub.length).toBeLessThan(400)
})

describe('W-26', () => {
  const SPOOFED = ['X-OathMesh-Subject', 'agent://root', 'x_oathmesh_subject', 'agent://root']

  test.each(['/plain', '/observed'])(
    'a spoofed identity does not reach the upstream at %s',
    async (path) => {
      const token = freshToken()
      expect((await call(path, { token, headers: SPOOFED })).status).toBe(200)
      const [seen] = stack.seen
      if (seen === undefined) throw new Error('nothing reached the upstream')
      expect(seen.rawHeaders.join('\n')).not.toContain('agent://root')
      expect(valuesOf(seen, 'authorization')).toEqual([])
      expect(seen.rawHeaders.join('\n')).not.toContain(token)
    },
  )

  test('nor that of a call without a token which is only observed', async () => {
    expect((await call('/observed', { headers: SPOOFED })).status).toBe(200)
    expect(stack.seen[0]?.rawHeaders.join('\n')).not.toContain('agent://root')
  })
})

test('W-27 Connection cannot take the identity away again', async () => {
  const headers = ['Connection', 'close, X-OathMesh-Subject']
  expect((await call('/plain', { token: freshToken(), headers })).status).toBe(400)
  expect((await call('/observed', { headers })).status).toBe(400)
  expect(stack.seen).toEqual([])
})
