import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Envoy, startEnvoy } from '../../testkit/envoy.ts'
import { type EnvoyConfig, filterOf, shippedEnvoy } from '../../testkit/envoy-config.ts'
import { ENVOY_SERVICE, EnvoyService } from '../../testkit/envoy-service.ts'
import { listen } from '../../testkit/listen.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { median } from '../shared/statistics.ts'
import { load, type Round } from './load.ts'

/** Ours does fourteen checks; the least a service can do is one signature. */
const AIM = 0.75
/** No variant answers more requests a second. */
const FASTEST = 9000
const PATIENCE = { envoy: '20s', deadlineMs: 10_000 }

const HELP = `npm run bench:envoy -- [--seconds n] [--rounds n] [--connections n,n] [--against FILE]
Requests with a token of their own each, by wrk through a real Envoy, to each variant in turn.
--against FILE  another build of oathmesh-envoy takes turns too: dist/bin/oathmesh-envoy.cjs of then, say
`

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '1,16' },
    against: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)]
const folder = mkdtempSync(join(tmpdir(), 'om-bench-envoy-'))
const upstream = await listen(createServer((_, response) => void response.end('ok')))

interface Variant {
  readonly name: string
  readonly envoy: Envoy
  readonly pids: readonly number[]
  stop(): Promise<void>
}

const variants: readonly Variant[] = [
  await variant('Envoy alone', undefined, withoutFilters),
  await allowing('always allow', {}),
  await allowing('always allow, one verification', { VERIFY: '1' }),
  await ours('oathmesh-envoy, gRPC', () => {}),
  await ours('oathmesh-envoy, HTTP', overHttp),
  ...(values.against === undefined
    ? []
    : [await ours('the other build, gRPC', () => {}, resolve(values.against))]),
]

try {
  for (const connections of values.connections.split(',').map(Number)) {
    const measured = variants.map(() => [] as Round[])
    const fastest = variants.map(() => 0)
    for (let round = -1; round < rounds; round++) {
      for (const [at, { envoy, pids }] of variants.entries()) {
        const url = envoy.url()
        // To mint one takes longer than a request: no more than may be used on a machine that becomes less busy.
        const tokens = Math.ceil(Math.min(FASTEST, (fastest[at] || FASTEST) * 6) * seconds)
        const figures = await load({ url, connections, seconds, pids, folder, tokens })
        // The first warms up.
        if (round >= 0) measured[at]?.push(figures)
        fastest[at] = Math.max(figures.perSecond, fastest[at] ?? 0)
      }
    }
    print(connections, measured)
  }
} finally {
  for (const { stop } of variants) await stop()
  await upstream.stop()
  rmSync(folder, { recursive: true })
}

function print(connections: number, measured: readonly (readonly Round[])[]): void {
  process.stdout.write(`\n${connections} connections, medians of ${rounds} rounds taking turns\n`)
  const perSecond: number[] = []
  for (const [at, figures] of measured.entries()) {
    const of = (value: (round: Round) => number) => median(figures.map(value))
    perSecond.push(of((round) => round.perSecond))
    const cpu = (variants[at]?.pids ?? []).map((_, pid) =>
      of(({ cpu: all }) => all[pid] ?? 0).toFixed(0),
    )
    process.stdout.write(
      `  ${(variants[at]?.name ?? '').padEnd(32)} ${of(({ perSecond: rate }) => rate)
        .toFixed(0)
        .padStart(6)}/s  ` +
        `p50 ${of(({ p50Ms }) => p50Ms).toFixed(2)} ms  p99 ${of(({ p99Ms }) => p99Ms).toFixed(2)} ms  ` +
        `CPU Envoy / service ${cpu.join(' / ')} µs${refusals(figures)}\n`,
    )
  }
  const [, , least = 0, grpc = 0] = perSecond
  process.stdout.write(
    `  ours over gRPC against one verification: × ${(grpc / least).toFixed(2)} (aim: at least ${AIM})\n`,
  )
}

function refusals(figures: readonly Round[]): string {
  const refused = figures.reduce((sum, round) => sum + round.refused, 0)
  return refused === 0 ? '' : `  (${refused} refused)`
}

async function variant(
  name: string,
  service: { pid: number; socketPath: string; stop(): Promise<void> } | undefined,
  change: (config: EnvoyConfig, manager: EnvoyConfig) => void,
): Promise<Variant> {
  const places = { upstreamUrl: upstream.url, sockets: [service?.socketPath ?? '/nowhere.sock'] }
  const envoy = await startEnvoy(
    shippedEnvoy(places, (config, manager) => {
      delete manager.access_log
      delete config.static_resources.clusters[0].health_checks
      // A machine that is busy with something else makes calls slow; a refusal would end the run.
      filterOf(manager, 'envoy.filters.http.ext_authz').grpc_service.timeout = PATIENCE.envoy
      change(config, manager)
    }),
  )
  return {
    name,
    envoy,
    pids: [envoy.pid, ...(service === undefined ? [] : [service.pid])],
    async stop() {
      await envoy.stop()
      await service?.stop()
    },
  }
}

function withoutFilters(_: EnvoyConfig, manager: EnvoyConfig): void {
  manager.http_filters = manager.http_filters.slice(-1)
  for (const host of manager.route_config.virtual_hosts) {
    delete host.typed_per_filter_config
    for (const route of host.routes) delete route.typed_per_filter_config
  }
}

async function allowing(name: string, env: Readonly<Record<string, string>>): Promise<Variant> {
  const socketPath = join(folder, `${name.replaceAll(/\W/g, '')}.sock`)
  const child: ChildProcess = spawn(
    process.execPath,
    ['--max-semi-space-size=4', '--import', 'tsx', 'bench/envoy/allow-service.ts'],
    { env: { ...process.env, ...env, SOCKET: socketPath }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await new Promise((ready) => child.stderr?.once('data', ready))
  const stop = async () => void child.kill('SIGKILL')
  return variant(name, { pid: child.pid ?? 0, socketPath, stop }, () => {})
}

async function ours(
  name: string,
  change: (config: EnvoyConfig, manager: EnvoyConfig, door: URL) => void,
  program = ENVOY_SERVICE,
): Promise<Variant> {
  const service = await EnvoyService.start({
    program,
    policies: {
      default: {
        ...BASE_CONFIG,
        deadline_ms: PATIENCE.deadlineMs,
        audit: { sink: 'none' },
        replay: { max_entries: 5_000_000 },
      },
    },
    flags: [
      '--listen-http',
      '127.0.0.1:0',
      '--listen',
      `unix:${join(folder, `${name.replaceAll(/\W/g, '')}.sock`)}`,
    ],
  })
  const [, port] = /http 127\.0\.0\.1:(\d+)/.exec(service.errors) ?? []
  const [, socketPath = ''] = /unix:(\S+)/.exec(service.errors) ?? []
  const own = { pid: service.pid, socketPath, stop: () => service.stop() }
  return variant(name, own, (config, manager) =>
    change(config, manager, new URL(`http://127.0.0.1:${port}`)),
  )
}

function overHttp(
  { static_resources: { clusters } }: EnvoyConfig,
  manager: EnvoyConfig,
  door: URL,
): void {
  delete clusters[0].typed_extension_protocol_options
  const address = { socket_address: { address: door.hostname, port_value: Number(door.port) } }
  clusters[0].load_assignment.endpoints[0].lb_endpoints = [{ endpoint: { address } }]
  const filter = filterOf(manager, 'envoy.filters.http.ext_authz')
  delete filter.grpc_service
  delete filter.with_request_body
  filter.http_service = {
    server_uri: { uri: door.origin, cluster: 'oathmesh', timeout: PATIENCE.envoy },
    path_prefix: '/envoy/default',
    authorization_response: { allowed_upstream_headers: { patterns: [{ prefix: 'x-oathmesh-' }] } },
  }
  manager.http_filters = manager.http_filters.filter(
    ({ name }: { name: string }) => !name.endsWith('rbac'),
  )
  for (const { typed_per_filter_config: config } of manager.route_config.virtual_hosts[0].routes) {
    delete config?.['envoy.filters.http.rbac']
  }
}
