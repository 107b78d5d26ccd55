import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { hashSecret } from '../../issuer/clients/secret-hash.ts'
import { rotateKey } from '../../issuer/keys/rotate-key.ts'
import { childrenOf } from '../../testkit/children-of.ts'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { KEYS } from '../../testkit/keys.ts'
import { PrometheusServer } from '../../testkit/prometheus-server.ts'
import { until } from '../../testkit/redis-server.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { ALLOW_BILLING, basic, SECRET } from '../issuer/fixture.ts'

/** The configuration of Prometheus in `docs/metrics.md`. */
const [PAGE_BLOCK = ''] = fencedBlocks('docs/metrics.md', 'yaml').map(({ text }) => text)
const ROUNDS = 40
const WAIT_MS = 20_000
const folder = mkdtempSync(join(tmpdir(), 'om-metrics-'))
const audit = (name: string) => ({ sink: 'file', file: join(folder, name) })

let gateway: Loopback
let envoy: EnvoyService
let issuer: ChildProcess
let prometheus: PrometheusServer
/** Where each process serves metrics and where it takes calls. */
const at = { kong: '', envoy: '', issuer: '' }
const door = { envoy: '', issuer: '' }

beforeAll(async () => {
  issuer = await startIssuer()
  await startGateway()
  await startEnvoy()
  // Tokens of the second in which a memory store began may have been used before.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  prometheus = await PrometheusServer.start({
    'prometheus.yml': {
      global: { scrape_interval: '250ms', scrape_timeout: '250ms' },
      scrape_configs: [
        // As the page has it: Prometheus starts with nothing that it does not understand.
        ...parse(PAGE_BLOCK).scrape_configs,
        ...Object.entries(at).map(([job, target]) => ({
          job_name: job,
          scrape_timeout: '250ms',
          static_configs: [{ targets: [target] }],
        })),
      ],
    },
  })
})
afterAll(async () => {
  closeHttpCalls()
  issuer?.kill('SIGKILL')
  await Promise.all([gateway?.stop(), envoy?.stop(), prometheus?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

async function startGateway(): Promise<void> {
  const config = { ...BASE_CONFIG, audit: audit('kong.log') }
  gateway = await startOnLoopback({
    plugin: { flags: ['--workers', '2', '--metrics', '127.0.0.1:0'] },
    entities: (url) => ({
      services: [
        {
          name: 'up',
          url,
          routes: [{ name: 'all', paths: ['/'], plugins: [{ name: 'oathmesh', config }] }],
        },
      ],
    }),
  })
  at.kong = addressIn(await gateway.logged(/metrics are served/))
}

async function startEnvoy(): Promise<void> {
  envoy = await EnvoyService.start({
    policies: { default: { ...BASE_CONFIG, audit: audit('envoy.log') } },
    flags: ['--listen-http', '127.0.0.1:0', '--metrics', '127.0.0.1:0'],
  })
  at.envoy = addressIn(envoy.errors)
  door.envoy = `http://127.0.0.1:${/http 127\.0\.0\.1:(\d+)/.exec(envoy.errors)?.[1]}`
}

async function startIssuer(): Promise<ChildProcess> {
  const directory = join(folder, 'keys')
  mkdirSync(directory)
  await rotateKey({ directory, jwksTtlSeconds: 60, now: Date.now() / 1000 })
  const config = {
    issuer: 'https://issuer.acme.example',
    listen: { port: 0 },
    keys: { directory },
    clients: [{ name: 'billing', secret_hashes: [await hashSecret(SECRET)] }],
    rules: [ALLOW_BILLING],
    rate_limit: { per_minute: 6000, burst: 1000, failed_per_minute: 6000, failed_burst: 1000 },
    audit: audit('issuer.log'),
    metrics: { listen: '127.0.0.1:0' },
  }
  const file = join(folder, 'issuer.json')
  writeFileSync(file, JSON.stringify(config))
  const child = spawn(process.execPath, [
    resolve('dist/bin/oathmesh.cjs'),
    'serve',
    '--config',
    file,
  ])
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  await until(() => / listens on \S+\n/.test(errors), WAIT_MS)
  at.issuer = addressIn(errors)
  door.issuer = / listens on (\S+)\n/.exec(errors)?.[1] ?? ''
  return child
}

function addressIn(text: string): string {
  return /metrics are served at="([^"]+)"/.exec(text)?.[1] ?? ''
}

/** What an audit line is counted as. */
const wordOf = (event: string, step: unknown, reason = '') =>
  event === 'allow' ? 'allow' : `${event} ${step ?? ''} ${reason}`

function linesOf(name: string): readonly Record<string, string>[] {
  const text = readFileSync(join(folder, name), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** The decisions that Prometheus knows of, as `counted` would have them. */
async function decisionsOf(job: string): Promise<Record<string, number>> {
  const samples = await prometheus.query(`oathmesh_decisions_total{job="${job}"} > 0`)
  return Object.fromEntries(
    samples.map(({ metric: { outcome = '', step, reason }, value }) => {
      return [wordOf(outcome, step, reason), value]
    }),
  )
}

/** Waits until an expression gives this one value. */
async function shows(expression: string, value: number): Promise<void> {
  let seen: unknown
  await until(async () => {
    seen = await prometheus.query(expression)
    return (await prometheus.query(expression))[0]?.value === value
  }, WAIT_MS).catch(() => {
    throw new Error(`${expression} is not ${value} but ${JSON.stringify(seen)}`)
  })
}

/** Names and labels of our series, without their values. */
async function seriesAt(target: string): Promise<readonly string[]> {
  const text = await (await fetch(`http://${target}/metrics`)).text()
  return text.split('\n').flatMap((line) => /^(oathmesh_\S+(?:\{.*\})?) \S+$/.exec(line)?.[1] ?? [])
}

/** Allowed, replayed, not a token, none, by nobody's key, expired, refused by policy. */
function credentials(): readonly (readonly string[])[] {
  const token = freshToken()
  const past = Math.floor(Date.now() / 1000) - 1000
  const tokens = [
    token,
    token,
    'x.y.z',
    freshToken({ iss: 'https://stranger.example' }),
    freshToken({}, { ...KEYS.trusted, kid: 'nobody' }),
    freshToken({ iat: past, exp: past + 60 }),
  ]
  return [[], ...tokens.map((each) => ['Authorization', `OathMesh ${each}`])]
}

describe('a real Prometheus', () => {
  test('counts for two workers what their audit lines tell', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(credentials().map((headers) => httpCall(gateway.url, { headers })))
    }
    const lines = linesOf('kong.log')
    await shows('sum(oathmesh_decisions_total{job="kong"})', lines.length)

    expect(lines.length).toBe(7 * ROUNDS)
    const told = counted(lines.map(({ event = '', step, reason }) => wordOf(event, step, reason)))
    expect(await decisionsOf('kong')).toEqual(told)
    const file = `{job="kong",sink="${audit('kong.log').file}",result="written"}`
    await shows(`oathmesh_audit_lines_total${file}`, lines.length)
    await shows('oathmesh_workers{job="kong"}', 2)
    await shows('oathmesh_instances{job="kong"}', 1)
    await shows('oathmesh_replays_detected_total{job="kong"}', ROUNDS)
    await shows('oathmesh_verification_duration_seconds_count{job="kong"}', lines.length)
    // Both have had their share, or this would be one worker's.
    const workers = await prometheus.query(
      'count(oathmesh_event_loop_lag_seconds{job="kong",quantile="1"})',
    )
    expect(workers[0]?.value).toBe(3)
  })

  test('counts for the Envoy service what its audit lines tell', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const calls = credentials().map((headers) => {
        return httpCall(door.envoy, { path: '/envoy/default/a', headers })
      })
      await Promise.all(calls)
    }
    const lines = linesOf('envoy.log')
    await shows('sum(oathmesh_decisions_total{job="envoy"})', lines.length)

    const told = counted(lines.map(({ event = '', step, reason }) => wordOf(event, step, reason)))
    expect(await decisionsOf('envoy')).toEqual(told)
    await shows('oathmesh_instances{job="envoy"}', 1)
  })

  test('counts for the issuer what its audit lines tell', async () => {
    const body = {
      sub: 'svc://acme/billing',
      aud: ALLOW_BILLING.match?.['aud'],
      act: 'inventory.read',
    }
    const wanted = [body, { ...body, act: 'payments.write' }, { ...body, aud: undefined }]
    for (let round = 0; round < 8; round++) {
      for (const each of wanted) {
        const headers = { authorization: basic(), 'content-type': 'application/json' }
        const request = { method: 'POST', headers, body: JSON.stringify(each) }
        await (await fetch(`${door.issuer}/v1/token`, request)).arrayBuffer()
      }
      await (await fetch(`${door.issuer}/v1/token`, { method: 'POST' })).arrayBuffer()
    }
    const lines = linesOf('issuer.log')
    await shows(`oathmesh_audit_lines_total{job="issuer",result="written"}`, lines.length)

    const refused = await prometheus.query('oathmesh_mint_refusals_total{job="issuer"}')
    expect(
      Object.fromEntries(
        refused.map(({ metric, value }) => [`${metric['provider']} ${metric['reason']}`, value]),
      ),
    ).toEqual(
      counted(
        lines.flatMap(({ event, reason, caller }) => {
          return event === 'refuse' ? [`${caller === undefined ? 'none' : 'client'} ${reason}`] : []
        }),
      ),
    )
    const minted = lines.filter(({ event }) => event === 'mint').length
    expect(minted).toBe(8)
    await shows('oathmesh_tokens_minted_total{job="issuer",provider="client"}', minted)
    await shows('oathmesh_mint_duration_seconds_count{job="issuer"}', minted)
    const [due] = await prometheus.query('oathmesh_key_rotation_due_seconds')
    expect(due?.value).toBeGreaterThan(29 * 86_400)
  })

  test('sees no counter fall when a worker dies', async () => {
    const [worker = 0] = childrenOf(gateway.pluginServer.pid)
    const before = linesOf('kong.log').length
    await shows('sum(oathmesh_decisions_total{job="kong"})', before)
    process.kill(worker, 'SIGKILL')
    await gateway.logged(/a worker ended/)
    const ready = () => gateway.log.filter((line) => line.includes('a worker is ready')).length
    await until(() => ready() === 3, WAIT_MS)
    await shows('oathmesh_workers{job="kong"}', 2)
    const answers = []
    for (let call = 0; call < 10; call++) {
      answers.push(await httpCall(gateway.url, { headers: credentials()[1] ?? [] }))
    }

    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    await shows('sum(oathmesh_decisions_total{job="kong"})', before + 10)
    const [resets] = await prometheus.query('sum(resets(oathmesh_decisions_total{job="kong"}[5m]))')
    expect(resets?.value).toBe(0)
  })
})

test('a caller who varies what a caller can choose makes no series', async () => {
  for (const headers of credentials()) {
    await httpCall(gateway.url, { headers })
    await httpCall(door.envoy, { path: '/envoy/default/a', headers })
  }
  const before = [await seriesAt(at.kong), await seriesAt(at.envoy)]
  for (let each = 0; each < 20; each++) {
    const own = `agent://ci/bot-${each}`
    const tokens = [
      freshToken({ sub: own, act: `inventory.write`, jti: `id-${each}` }),
      freshToken({ iss: `https://issuer-${each}.example` }),
      freshToken({ sub: own }, { ...KEYS.trusted, kid: `kid-${each}` }),
    ]
    for (const token of tokens) {
      const headers = ['Authorization', `OathMesh ${token}`, 'User-Agent', `agent/${each}`]
      await httpCall(gateway.url, { path: `/a/${each}?b=${each}`, headers })
      await httpCall(door.envoy, { path: `/envoy/default/${each}`, headers })
    }
  }

  expect(before[0]?.length).toBeGreaterThan(50)
  expect(await seriesAt(at.kong)).toEqual(before[0])
  expect(await seriesAt(at.envoy)).toEqual(before[1])
})
