import { generateKeyPairSync } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { silentLog } from '../../lib/ports/log.ts'
import { createClient, publicJwk, readSigningKey } from '../../sdk/node/index.ts'
import { createVerifier, type ServiceVerifier } from '../../sdk/node/verify/index.ts'
import { filterOf } from '../../testkit/envoy-config.ts'
import { type EnvoyStack, startEnvoyStack } from '../../testkit/envoy-stack.ts'
import { closeHttpCalls, type HttpAnswer, httpCall } from '../../testkit/http-call.ts'
import { document, JwksServer } from '../../testkit/jwks-server.ts'
import { type Listening, listen } from '../../testkit/listen.ts'
import { type PeerProcess, startGoPeer, startPythonPeer } from '../../testkit/peer-process.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'

const ISSUER = 'https://issuer.acme.example'
const API = 'https://inventory.internal'
const SUBJECT = 'svc://acme/billing'
const KEY = newPem()
/** Every receiver asks for keys this often, in seconds. */
const KEYS_TTL = 2
/** On a busy machine; what is tested here is not how fast they are. */
const PATIENCE = { redisMs: 2000, deadlineMs: 5000, envoy: '20s' }
const jwkOf = (pem: string) => publicJwk(readSigningKey(pem))

const RECEIVERS = ['kong', 'envoy', 'node', 'go', 'python'] as const
const CALLERS = ['node', 'go', 'python'] as const
type Receiver = (typeof RECEIVERS)[number]
type Caller = (typeof CALLERS)[number]

let redis: RedisServer
let issuer: JwksServer
let kong: Loopback
let envoy: EnvoyStack
let node: Listening
let verifier: ServiceVerifier
let peers: Readonly<Record<'go' | 'python', PeerProcess>>
let urls: Readonly<Record<Receiver, string>>

const nodeClient = createClient({
  issuer: ISSUER,
  key: KEY,
  subject: SUBJECT,
  audience: API,
  action: 'items.write',
})

// Go compiles first, and Python may have to install.
beforeAll(async () => {
  redis = await RedisServer.start()
  issuer = await JwksServer.start(document({ keys: [jwkOf(KEY)] }))
  const jwksUri = `${issuer.origin}/jwks.json`
  const config = {
    audience: API,
    issuers: [{ issuer: ISSUER, jwks_uri: jwksUri }],
    keys: { allow_http: true, ttl: KEYS_TTL, refresh_cooldown: 1 },
    policy: { allow_all: true },
    replay: { store: 'redis' },
    redis: { host: redis.host, port: redis.port, timeout: PATIENCE.redisMs },
    deadline_ms: PATIENCE.deadlineMs,
    audit: { sink: 'none' },
  } as const
  kong = await startOnLoopback({ entities: serviceWith({ '/': config }) })
  envoy = await startEnvoyStack({
    policies: { default: config },
    change: (_, manager) => {
      filterOf(manager, 'envoy.filters.http.ext_authz').grpc_service.timeout = PATIENCE.envoy
    },
  })
  verifier = createVerifier(config, { log: silentLog })
  node = await listen(
    createServer((request, response) => {
      verifier.node(request, response, () => response.end('ok'))
    }),
  )
  const settings = {
    issuer: ISSUER,
    jwks_uri: jwksUri,
    keys_ttl: KEYS_TTL,
    redis_timeout_ms: PATIENCE.redisMs,
    deadline_ms: PATIENCE.deadlineMs,
    audience: API,
    subject: SUBJECT,
    key: KEY,
    redis: `${redis.host}:${redis.port}`,
  }
  const [go, python] = await Promise.all([startGoPeer(settings), startPythonPeer(settings)])
  peers = { go, python }
  urls = { kong: kong.url, envoy: envoy.url, node: node.url, go: go.url, python: python.url }
  await accepted()
}, 300_000)

afterAll(async () => {
  closeHttpCalls()
  await Promise.all([peers.go.stop(), peers.python.stop(), node.stop(), kong.stop(), envoy.stop()])
  await verifier.close()
  await issuer.stop()
  await redis.stop()
})

function mintBy(caller: Caller): Promise<string> {
  return caller === 'node' ? nodeClient.authorization() : peers[caller].mint()
}

function present(receiver: Receiver, authorization: string): Promise<HttpAnswer> {
  return httpCall(urls[receiver], { headers: ['Authorization', authorization] })
}

function codeOf({ status, text }: HttpAnswer): readonly unknown[] {
  if (status === 200) return [200]
  const { error, step } = JSON.parse(text) as { error: string; step?: number }
  return [status, error, step]
}

/** Waits until every receiver accepts new tokens: a history begins in the middle of a second. */
async function accepted(): Promise<void> {
  for (const receiver of RECEIVERS) {
    await until(async () => (await present(receiver, await mintBy('node'))).status === 200, 20_000)
  }
}

describe('one Redis for all of them', () => {
  const rows = CALLERS.flatMap((caller) => RECEIVERS.map((first) => [caller, first] as const))

  test.each(rows)(
    'a token of %s passes %s once, and is refused everywhere after',
    async (caller, first) => {
      const token = await mintBy(caller)
      expect(codeOf(await present(first, token))).toEqual([200])
      for (const receiver of RECEIVERS) {
        const answer = await present(receiver, token)
        expect([receiver, ...codeOf(answer)]).toEqual([receiver, 401, 'replay_detected', 13])
      }
    },
  )

  test.each(CALLERS)('a race for a token of %s has one winner', async (caller) => {
    for (let round = 0; round < 10; round++) {
      const token = await mintBy(caller)
      const racers = [...RECEIVERS, ...RECEIVERS, ...RECEIVERS]
      const answers = await Promise.all(racers.map((receiver) => present(receiver, token)))
      const outcomes = answers.map(codeOf)
      expect(outcomes.filter(([status]) => status === 200)).toHaveLength(1)
      const lost = outcomes.filter(([status]) => status !== 200)
      expect(lost).toEqual(lost.map(() => [401, 'replay_detected', 13]))
    }
  })

  test('a revoked subject is refused by all, and by none once it is lifted', async () => {
    await redis.cli('hset', 'oathmesh:revocations', SUBJECT, '{}')
    for (const receiver of RECEIVERS) {
      const answer = await present(receiver, await mintBy('go'))
      expect([receiver, ...codeOf(answer)]).toEqual([receiver, 403, 'subject_revoked', 13])
    }
    await redis.cli('del', 'oathmesh:revocations')
    for (const receiver of RECEIVERS) {
      expect((await present(receiver, await mintBy('python'))).status).toBe(200)
    }
  })

  test('a Redis that forgot makes no used token good again, for none of them', async () => {
    const pairs = []
    for (const receiver of RECEIVERS) {
      const [used, unused] = await Promise.all([mintBy('python'), mintBy('node')])
      expect((await present('go', used)).status).toBe(200)
      pairs.push({ receiver, used, unused })
    }
    // The next history begins in a later second than the tokens were issued in.
    const second = Math.floor(Date.now() / 1000)
    await until(() => Math.floor(Date.now() / 1000) > second, 5000)
    await redis.cli('flushall')
    for (const { receiver, used, unused } of pairs) {
      for (const token of [used, unused]) {
        const answer = await present(receiver, token)
        expect([receiver, ...codeOf(answer)]).toEqual([receiver, 401, 'verification_failed', 13])
      }
    }
    await accepted()
  })

  test('a lost Redis is 503 with Retry-After for all, and used at once when it is back', async () => {
    await redis.kill()
    for (const receiver of RECEIVERS) {
      const answer = await present(receiver, await mintBy('go'))
      expect([receiver, ...codeOf(answer)]).toEqual([receiver, 503, 'verification_failed', 13])
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    redis = await RedisServer.start({ from: redis })
    await accepted()
  }, 120_000)
})

describe('while an issuer changes its keys, all of them', () => {
  const NEXT = newPem()
  const publish = (...keys: object[]) => {
    issuer.answer = document({ keys })
  }
  const tokenOf = async (pem: string, kid?: string): Promise<string> => {
    const { kid: own, ...rest } = readSigningKey(pem)
    const signing = { ...rest, kid: kid ?? own }
    const options = { issuer: ISSUER, subject: SUBJECT, audience: API, action: 'items.write' }
    return createClient({ ...options, key: signing }).authorization()
  }
  /** What each receiver says to a token of its own, once all say the same. */
  const agreed = async (outcome: readonly unknown[], mint: () => Promise<string>) => {
    for (const receiver of RECEIVERS) {
      let last: readonly unknown[] = []
      const asWanted = async () => {
        last = codeOf(await present(receiver, await mint()))
        return JSON.stringify(last) === JSON.stringify(outcome)
      }
      await until(asWanted, 30_000).catch(() => {})
      expect([receiver, ...last]).toEqual([receiver, ...outcome])
    }
  }
  const accepts = (mint: () => Promise<string>) => agreed([200], mint)
  const old = () => mintBy('go')
  const next = () => tokenOf(NEXT)
  const unknown = [401, 'issuer_untrusted', 5]
  afterAll(() => publish(jwkOf(KEY)))

  test('take a new key as soon as it is published, and the old one still', async () => {
    publish(jwkOf(KEY), jwkOf(NEXT))
    await accepts(next)
    await accepts(old)
  })

  test('refuse a key that is withdrawn, and take the new one', async () => {
    publish(jwkOf(NEXT))
    await agreed(unknown, old)
    await accepts(next)
  })

  test('go on with the keys they have while the issuer is away', async () => {
    await issuer.stop()
    await accepts(next)
    await agreed(unknown, old)
    await issuer.resume()
  })

  test('take another key under the id of the one before, which is refused then', async () => {
    const { kid } = jwkOf(NEXT)
    const other = newPem()
    publish({ ...jwkOf(other), kid })
    await accepts(() => tokenOf(other, kid))
    await agreed([401, 'signature_invalid', 6], next)
  })

  test('refuse every key of an issuer that publishes none', async () => {
    publish()
    await agreed(unknown, next)
    await agreed(unknown, old)
  })
})

describe('what is sent again', () => {
  const refused = (error: string, step: number) =>
    JSON.stringify({ error, step, message: 'm', fix: 'f' })
  const answering =
    (status: number, body: string, headers: object = {}) =>
    (response: ServerResponse) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
    }
  const soon = { 'retry-after': '0' }
  const lose = (response: ServerResponse) => void response.destroy()

  let front: Listening
  let tokens: string[] = []
  let answers: ((response: ServerResponse) => void)[] = []
  beforeAll(async () => {
    front = await listen(
      createServer((request, response) => {
        tokens.push(request.headers.authorization ?? '')
        request.resume().once('end', () => {
          const answer = answers.shift() ?? answering(200, '{}')
          answer(response)
        })
      }),
    )
  })
  afterAll(() => front.stop())

  async function callBy(caller: Caller, method: string): Promise<number> {
    const url = `${front.url}/items`
    if (caller !== 'node') return peers[caller].call(method, url)
    const body = method === 'POST' ? { body: '{}' } : {}
    const answer = await nodeClient.fetch(url, { method, ...body }).catch(() => undefined)
    return answer?.status ?? 0
  }

  const full = answering(503, refused('verification_failed', 13), soon)
  const replay = answering(401, refused('replay_detected', 13))
  const restarted = answering(401, refused('verification_failed', 13))
  // docs/protocol.md: the answer, the method, how often it is sent, what comes of it.
  // biome-ignore format: reads as a table
  const rows: readonly (readonly [string, (response: ServerResponse) => void, string, number, number])[] = [
    ['503 of the gateway, GET', full, 'GET', 2, 200],
    ['503 of the gateway, POST', full, 'POST', 2, 200],
    ['503 of the service, PUT', answering(503, 'busy', soon), 'PUT', 2, 200],
    ['503 of the service, POST', answering(503, 'busy', soon), 'POST', 1, 503],
    ['503 without Retry-After, GET', answering(503, 'busy'), 'GET', 1, 503],
    ['a wait that is too long, GET', answering(503, refused('verification_failed', 13), { 'retry-after': '3600' }), 'GET', 1, 503],
    ['replay_detected, DELETE', replay, 'DELETE', 2, 200],
    ['replay_detected, POST', replay, 'POST', 1, 401],
    ['a gateway that has just started, GET', restarted, 'GET', 2, 200],
    ['a gateway that has just started, POST', restarted, 'POST', 2, 200],
    ['a lost answer, GET', lose, 'GET', 2, 200],
    ['a lost answer, POST', lose, 'POST', 1, 0],
    ['policy_denied, GET', answering(403, refused('policy_denied', 14)), 'GET', 1, 403],
    ['binding_mismatch, GET', answering(401, refused('binding_mismatch', 12)), 'GET', 1, 401],
    ['a 401 of the service, GET', answering(401, '{"error":"replay_detected"}'), 'GET', 1, 401],
    ['a redirect, GET', answering(307, '', { location: '/other' }), 'GET', 1, 307],
  ]
  const cases = CALLERS.flatMap((caller) => rows.map((row) => [caller, ...row] as const))

  test.each(cases)('by %s after %s', async (...row) => {
    const [caller, , answer, method, times, status] = row
    tokens = []
    answers = [answer]
    expect(await callBy(caller, method)).toBe(status)
    expect(tokens).toHaveLength(times)
    expect(new Set(tokens).size).toBe(times)
  })

  test.each(CALLERS)('%s gives up on answers that are lost twice', async (caller) => {
    tokens = []
    answers = [lose, lose, lose, lose]
    expect(await callBy(caller, 'GET')).toBe(0)
    expect([tokens.length, new Set(tokens).size]).toEqual([2, 2])
  })
})

function newPem(): string {
  return generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
}
