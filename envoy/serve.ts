import { setTimeout as pause } from 'node:timers/promises'
import {
  type Log,
  monotonic,
  openTelemetry,
  proxyFrom,
  Resources,
  systemClock,
} from '../lib/index.ts'
import type { MetricsServer } from '../lib/metrics/metrics-server.ts'
import { type Address, addressText } from '../lib/ports/address.ts'
import { openStatus } from '../lib/status/open-status.ts'
import manifest from '../package.json' with { type: 'json' }
import { readPolicy } from '../schema/read-policy.ts'
import { CheckDecider } from './decide-check.ts'
import type { Flags } from './flags.ts'
import type { Health } from './health.ts'
import { HttpServer } from './http/http-server.ts'
import { Lateness } from './lateness.ts'
import { Metering, serveOwnMetrics } from './metering.ts'
import { openPolicies } from './open-policies.ts'
import { reportOf } from './report.ts'
import { GrpcServer } from './server.ts'
import { readTls } from './tls-material.ts'
import { answerSupervisor, WORKER_VARIABLE } from './worker-line.ts'

/** Wires one process and lets it listen. It ends by a signal. Throws `TypeError` for what cannot be used. */
export async function serve(flags: Flags, log: Log): Promise<void> {
  const worker = process.env[WORKER_VARIABLE]
  const metering = flags.metrics && new Metering(worker ?? '0')
  const resources = new Resources({
    log,
    meter: metering?.meter,
    readPolicy,
    gateway: 'envoy',
    tracing: openTelemetry(manifest.version),
    proxyFor: proxyFrom(process.env),
    startedAt: systemClock.now() / 1000 - process.uptime(),
  })
  const policies = openPolicies(flags.policies, resources)
  metering?.watch(policies, resources)
  const decider = new CheckDecider({
    policies,
    lateness: new Lateness(systemClock, monotonic),
    log,
    stopwatch: monotonic,
    print: (line) => void process.stdout.write(`${line}\n`),
    maxPending: flags.maxPending,
    trustedHops: flags.trustedHops,
  })
  const tls = flags.tls === undefined ? undefined : readTls(flags.tls)
  const maxBodyBytes = Math.max(...[...policies.values()].map((policy) => policy.maxBodyBytes))
  const server = new GrpcServer({ decider, maxBodyBytes, tls })
  const serving = () => server.health.serving
  const door = new HttpServer({ decider, clock: systemClock, log, tls, serving })
  keepRunning(log)
  // A worker tells its supervisor, who serves the figures of all.
  if (worker !== undefined && metering !== undefined) answerSupervisor(metering)
  const metrics =
    worker === undefined && flags.metrics !== undefined && metering !== undefined
      ? await serveOwnMetrics(flags.metrics, metering, log)
      : undefined
  hearSignals(
    { servers: [server, door], health: server.health, metrics, resources, log },
    flags.drainMs,
  )
  const places = [
    await listenAt(server, flags.listen),
    await listenAt(door, flags.listenHttp, 'http '),
  ]
  if (flags.status !== undefined) {
    const report = () => reportOf({ server, decider, resources })
    const status = await openStatus(flags.status, report, log)
    process.once('exit', () => status.close())
  }
  log.info(`listening on ${places.filter(Boolean).join(' and ')}`, {
    policies: [...policies.keys()].join(' '),
  })
}

async function listenAt(
  server: GrpcServer | HttpServer,
  address: Address | undefined,
  what = '',
): Promise<string> {
  if (address === undefined) return ''
  const port = await server.listen(address)
  return `${what}${addressText(address.kind === 'tcp' ? { ...address, port } : address)}`
}

interface Stopping {
  readonly servers: readonly (GrpcServer | HttpServer)[]
  readonly health: Health
  readonly metrics: MetricsServer | undefined
  readonly resources: Resources
  readonly log: Log
}

function hearSignals(
  { servers, health, metrics, resources, log }: Stopping,
  drainMs: number,
): void {
  let stopping = false
  const stop = async (why: string): Promise<void> => {
    if (stopping) process.exit(0)
    stopping = true
    log.info('stopping', { why })
    resources.trails.checkpoint()
    // Envoy goes on sending until its health checks tell it not to.
    health.drain()
    metrics?.drain()
    await pause(drainMs)
    await Promise.all(servers.map((server) => server.stop(drainMs)))
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // Nobody would start it anew, and it would hold the address of the one that takes its place.
  process.once('disconnect', () => void stop('the supervisor has ended'))
  // The operator's emergency brake.
  process.on('SIGHUP', () => {
    log.warn('SIGHUP: all keys are dropped and fetched anew')
    resources.purgeKeys()
    resources.trails.reopen()
  })
  process.once('exit', () => resources.trails.close())
}

/** A fault that belongs to no request is one line; the request that it leaves without an answer is refused by Envoy. */
function keepRunning(log: Log): void {
  const report = (what: string) => (cause: unknown) => {
    log.error(what, {
      cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    })
  }
  process.on('uncaughtException', report('uncaught exception'))
  process.on('unhandledRejection', report('unhandled rejection'))
  // Whoever reads our output may go first; the lines are lost then, but we are not.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
}
