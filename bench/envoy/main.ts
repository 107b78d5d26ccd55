import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Envoy, startEnvoy } from '../../testkit/envoy.ts'
import { type EnvoyConfig, filterOf, shippedEnvoy } from '../../testkit/envoy-config.ts'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { listen } from '../../testkit/listen.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { median } from '../statistics.ts'
import { load, type Round } from './load.ts'

/** Ours does fourteen checks; the least a service can do is one signature. */
const AIM = 0.75

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } },
})
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
]

try {
  for (const connections of [1, 16]) {
    const measured = variants.map(() => [] as Round[])
    for (let round = -1; round < rounds; round++) {
      for (const [at, { envoy, pids }] of variants.entries()) {
        const url = envoy.url()
        const figures = await load({ url, connections, seconds, pids, folder })
        // The first warms up.
        if (round >= 0) measured[at]?.push(figures)
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
        `CPU Envoy / service ${cpu.join(' / ')} µs\n`,
    )
  }
  const [, , least = 0, grpc = 0] = perSecond
  process.stdout.write(
    `  ours over gRPC against one verification: × ${(grpc / least).toFixed(2)} (aim: at least ${AIM})\n`,
  )
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
): Promise<Variant> {
  const service = await EnvoyService.start({
    policies: {
      default: { ...BASE_CONFIG, audit: { sink: 'none' }, replay: { max_entries: 5_000_000 } },
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
    server_uri: { uri: door.origin, cluster: 'oathmesh', timeout: '1.5s' },
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
