import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EnvoyConfig } from '../../testkit/envoy-config.ts'
import { type EnvoyStack, startEnvoyStack } from '../../testkit/envoy-stack.ts'
import { closeHttpCalls, type HttpAnswer, httpCall } from '../../testkit/http-call.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import {
  authorizationOf,
  bodyOf,
  configOf,
  cook,
  idFrom,
  readVectors,
  tokenOf,
  VECTOR_NOW,
  VECTOR_START,
  type Vector,
} from '../../testkit/vectors.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-clock-'))
const clock = join(folder, 'now')
const files = readVectors()
const shared = files.filter(({ isolated }) => !isolated)
const isolated = files.filter((file) => file.isolated)

afterAll(() => {
  closeHttpCalls()
  rmSync(folder, { recursive: true })
})

/**
 * The strict reading of what ships would answer some of these before our service is asked: here Envoy hands over
 * paths and headers as they come. What the shipped file refuses by itself is in `shipped.test.ts`.
 */
function asItComes(_: EnvoyConfig, manager: EnvoyConfig): void {
  for (const option of [
    'normalize_path',
    'merge_slashes',
    'path_with_escaped_slashes_action',
    'common_http_protocol_options',
  ]) {
    delete manager[option]
  }
  manager.http_filters = manager.http_filters.filter(
    ({ name }: { name: string }) => name !== 'strip',
  )
}

/**
 * What Envoy itself does before it asks: the headers that `Connection` names are gone, so that it cannot be used on what
 * we set, and a fragment is refused. Every other vector has the core's own answer.
 */
const BEFORE_THE_FILTER: Readonly<Record<string, 'allow' | Expectation>> = {
  'Connection names an identity header': 'allow',
  'Connection names an identity header with underscores': 'allow',
  'Connection names the decision marker': 'allow',
  'Connection names authorization': { status: 401, error: 'claim_missing:token' },
  'another path with a fragment': { status: 400 },
}

function start(policies: Readonly<Record<string, object>>): Promise<EnvoyStack> {
  writeFileSync(clock, String(VECTOR_START))
  const preload = join(__dirname, '../../testkit/clock-file.cjs')
  return startEnvoyStack({
    policies,
    env: { NODE_OPTIONS: `--require ${preload}`, OATHMESH_TEST_CLOCK: clock },
    change: asItComes,
  })
}

describe('through a real Envoy', () => {
  const names = new Map<string, string>()
  let stack: EnvoyStack
  let redis: RedisServer

  beforeAll(async () => {
    redis = await RedisServer.start()
    const policies: Record<string, object> = {}
    for (const { cases } of shared) {
      for (const vector of cases) {
        const config = settingsOf(vector)
        const key = JSON.stringify(config)
        if (names.has(key)) continue
        const name = `v${names.size}`
        names.set(key, name)
        policies[name] = config
      }
    }
    stack = await start(policies)
  })
  afterAll(async () => {
    await stack.stop()
    await redis.stop()
  })

  function settingsOf(vector: Vector): object {
    return {
      ...configOf(vector),
      audit: { sink: 'none' },
      // A revoked subject is known to Redis alone.
      ...(vector.revoked !== undefined && {
        replay: { store: 'redis' },
        redis: { host: redis.host, port: redis.port },
      }),
    }
  }

  describe.each(shared)('$file', ({ file, cases }) => {
    test.each(cases)('$name', async (vector) => {
      for (const subject of vector.revoked ?? []) {
        await redis.cli('hset', 'oathmesh:revocations', subject, '{}')
      }
      const host = `${names.get(JSON.stringify(settingsOf(vector)))}.test`
      await play(stack, vector, host, tokenOf(vector, file))
      if (vector.revoked !== undefined) await redis.cli('del', 'oathmesh:revocations')
    })
  })
})

describe.each(isolated)('$file, each case in a service of its own', ({ cases }) => {
  let stack: EnvoyStack
  beforeAll(async () => {
    stack = await start({ only: configOf({ name: '', expect: 'allow' }) })
  })
  afterAll(() => stack.stop())

  test.each(cases)('$name', async (vector) => {
    await stack.service.end('SIGKILL')
    stack.service.configure({ only: configOf(vector) })
    writeFileSync(clock, String(VECTOR_START))
    await stack.service.start()
    await play(stack, vector, 'only.test', tokenOf(vector))
  })
})

async function play(stack: EnvoyStack, vector: Vector, host: string, token: string): Promise<void> {
  writeFileSync(clock, String(vector.now ?? VECTOR_NOW))
  for (const recipe of vector.before ?? []) {
    await present(stack, vector, host, cook(recipe, idFrom('-')))
  }
  for (let use = 0; use < (vector.uses ?? 0); use++) await present(stack, vector, host, token)
  const before = stack.seen.length
  const answer = await present(stack, vector, host, token)
  const expected = expectationOf(vector)
  if (expected === 'allow') {
    expect(answer).toMatchObject({ status: 200 })
    expect(stack.seen.at(-1)?.headers).toMatchObject({
      'x-oathmesh-decision': 'allow',
      'x-oathmesh-subject': expect.stringMatching('://'),
    })
    expect(stack.seen.at(-1)?.headers).not.toHaveProperty('authorization')
    return
  }
  expect(stack.seen.length).toBe(before)
  const { status } = expected
  // An answer to HEAD has no body. RFC 9110, 9.3.2.
  if (vector.request?.method === 'HEAD') return expect(answer.status).toBe(status)
  const { error, step } = JSON.parse(answer.text || '{}') as { error?: string; step?: number }
  expect({ status: answer.status, error, step }).toEqual(expected)
}

function expectationOf({ name, expect: expected }: Vector): 'allow' | Expectation {
  const before = BEFORE_THE_FILTER[name]
  if (before === 'allow' || expected === 'allow') return 'allow'
  if (before !== undefined) return before
  return { status: expected.status ?? 401, error: expected.code, step: expected.step }
}

interface Expectation {
  readonly status: number
  readonly error?: string | undefined
  readonly step?: number | undefined
}

function present(
  stack: EnvoyStack,
  vector: Vector,
  host: string,
  token: string,
): Promise<HttpAnswer> {
  const authorization = authorizationOf(vector, token)
  const { method = 'GET', path = '/' } = vector.request ?? {}
  return httpCall(stack.url, {
    method,
    path: path.replaceAll('{token}', token),
    headers: [
      'Host',
      host,
      ...authorization.flatMap((value) => ['Authorization', value]),
      ...Object.entries(vector.headers ?? {}).flat(),
      ...(vector.connection === undefined ? [] : ['Connection', vector.connection]),
    ],
    body: bodyOf(vector),
  })
}
