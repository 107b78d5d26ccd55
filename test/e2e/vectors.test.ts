import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeHttpCalls, type HttpAnswer, httpCall } from '../../testkit/http-call.ts'
import { type PluginChoice, STOCK_PLUGIN_SERVER } from '../../testkit/plugin-commands.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
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
import { onWire, WIRES } from '../../testkit/wires.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-clock-'))
const clock = join(folder, 'now')
// A revoked subject is known to Redis alone; see test/e2e/redis.test.ts.
const files = readVectors().map((file) => ({
  ...file,
  cases: file.cases.filter(({ revoked }) => revoked === undefined),
}))
const shared = files.filter(({ isolated }) => !isolated)
const isolated = files.filter((file) => file.isolated)

/** What Kong answers before any plugin: nginx refuses the request, or the router finds no route for it. */
const BEFORE_PLUGINS: Readonly<Record<string, number>> = {
  'two headers': 400,
  'two headers of different schemes': 400,
  'another path with NUL': 400,
  'another path with incomplete encoding': 400,
  'another path with overlong UTF-8': 404,
}

const SERVERS: readonly (readonly [string, PluginChoice])[] = [
  ['the stock plugin server', { server: STOCK_PLUGIN_SERVER }],
  ...WIRES.map((wire) => [`ours on ${wire}`, onWire(wire)] as const),
]

afterAll(() => {
  closeHttpCalls()
  rmSync(folder, { recursive: true })
})

describe.each(SERVERS)('through gateway and %s', (_, plugin) => {
  const hosts = new Map<string, string>()
  let stack: Loopback

  beforeAll(async () => {
    for (const { cases } of shared) for (const vector of cases) hostOf(vector)
    const routes = [...hosts].map(([config, host]) => [host, JSON.parse(config) as object])
    stack = await startWithClock(plugin, Object.fromEntries(routes) as Record<string, object>)
  })
  afterAll(() => stack.stop())

  /** Every configuration has a route of its own. */
  function hostOf(vector: Vector): string {
    const config = JSON.stringify({ ...configOf(vector), audit: { sink: 'none' } })
    const host = hosts.get(config) ?? `v${hosts.size}.test`
    hosts.set(config, host)
    return host
  }

  describe.each(shared)('$file', ({ file, cases }) => {
    test.each(cases)('$name', async (vector) => {
      await play(stack, vector, hostOf(vector), tokenOf(vector, file))
    })
  })
})

describe.each(isolated)('$file, each case in a plugin server of its own', ({ cases }) => {
  test.each(cases)('$name', async (vector) => {
    const stack = await startWithClock(onWire(WIRES[0]), { 'only.test': configOf(vector) })
    try {
      await play(stack, vector, 'only.test', tokenOf(vector))
    } finally {
      await stack.stop()
    }
  })
})

function startWithClock(
  plugin: PluginChoice,
  routes: Readonly<Record<string, object>>,
): Promise<Loopback> {
  writeFileSync(clock, String(VECTOR_START))
  const preload = join(__dirname, '../../testkit/clock-file.cjs')
  return startOnLoopback({
    plugin,
    entities: serviceWith(routes),
    env: { NODE_OPTIONS: `--require ${preload}`, OATHMESH_TEST_CLOCK: clock },
  })
}

async function play(stack: Loopback, vector: Vector, host: string, token: string): Promise<void> {
  writeFileSync(clock, String(vector.now ?? VECTOR_NOW))
  for (const recipe of vector.before ?? []) {
    await present(stack, vector, host, cook(recipe, idFrom('-')))
  }
  for (let use = 0; use < (vector.uses ?? 0); use++) await present(stack, vector, host, token)
  const before = stack.seen.length
  const answer = await present(stack, vector, host, token)
  if (vector.expect === 'allow') {
    expect(answer).toMatchObject({ status: 200 })
    expect(stack.seen.at(-1)?.headers).toMatchObject({ 'x-oathmesh-decision': 'allow' })
    expect(stack.seen.at(-1)?.headers).not.toHaveProperty('authorization')
    return
  }
  expect(stack.seen.length).toBe(before)
  const early = BEFORE_PLUGINS[vector.name]
  if (early !== undefined) return expect(answer.status).toBe(early)
  const { code, step: label, status = 401 } = vector.expect
  // An answer to HEAD has no body. RFC 9110, 9.3.2.
  if (vector.request?.method === 'HEAD') return expect(answer.status).toBe(status)
  const { error, step } = JSON.parse(answer.text) as { error: string; step?: number }
  expect({ status: answer.status, error, step }).toEqual({ status, error: code, step: label })
}

function present(
  stack: Loopback,
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
