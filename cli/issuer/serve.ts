import {
  createIssuer,
  IssuerServer,
  KeyDirectory,
  type OpenRevocations,
  openRevocations,
} from '../../issuer/index.ts'
import type { AuditSink } from '../../lib/audit/audit-sink.ts'
import { openSink } from '../../lib/audit/sinks/open-sink.ts'
import { OutputSink } from '../../lib/audit/sinks/output.ts'
import { errorMessage } from '../../lib/error-message.ts'
import { type Log, monotonic, proxyFrom, stderrLog, systemClock } from '../../lib/index.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { systemRandom } from '../../lib/ports/random.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { type IssuerMetrics, issuerMetrics } from './issuer-metrics.ts'
import { type OpenedIssuerConfig, openIssuerConfig } from './open-issuer-config.ts'
import { Reload } from './reload.ts'
import { tlsOf, toIssuerSettings, toRevocationRedis } from './to-issuer-settings.ts'

interface ServeOptions {
  readonly file: string
  readonly mode: 'run' | 'check'
}

/** Runs the issuer of a configuration until the process is asked to end. Throws `InputError`. */
export async function serve({ file, mode }: ServeOptions, io: CliIo): Promise<void> {
  const opened = await openIssuerConfig(file, io)
  const { config } = opened
  const log = mode === 'run' ? stderrLog : silentLog
  const keys = await openKeys(opened, log)
  const redis = mode === 'run' ? openRedis(opened) : undefined
  let metrics: IssuerMetrics | undefined
  try {
    const audit = mode === 'run' ? sinkOf(opened, io) : NO_SINK
    metrics = create(() => issuerMetrics(config, { keys, audit, log }))
    const parts = {
      keys,
      revocations: redis?.list,
      audit,
      meter: metrics?.meter,
      clock: systemClock,
      stopwatch: monotonic,
      log,
      proxyFor: create(() => proxyFrom(process.env)),
    }
    const issuer = create(() => createIssuer({ ...parts, settings: toIssuerSettings(opened) }))
    const tls = tlsOf(opened)
    if (keys.schedule.signing(systemClock.now() / 1000) === undefined) {
      io.stderr.write(`keys.directory: no active key; "oathmesh keys rotate" makes one\n`)
    }
    if (mode === 'check') {
      io.stdout.write(`${file}: valid\n`)
      return
    }
    const { host, port } = config.listen
    await metrics?.open()
    const server = await listening(IssuerServer.start(issuer, { host, port, tls }))
    io.stderr.write(`oathmesh: ${config.issuer} listens on ${server.origin}\n`)
    const make = (anew: OpenedIssuerConfig) =>
      create(() => createIssuer({ ...parts, settings: toIssuerSettings(anew) }))
    const reload = new Reload({ file, io, opened, issuer, server, make })
    await untilAskedToEnd(() => void reload.run())
    metrics?.drain()
    await server.stop()
  } finally {
    metrics?.close()
    keys.close()
    await redis?.close()
  }
}

/** What is wrong with settings is a fault of the configuration. */
function create<T>(make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof TypeError) throw new InputError(cause.message, { cause })
    throw cause
  }
}

async function openKeys({ config, locate }: OpenedIssuerConfig, log: Log): Promise<KeyDirectory> {
  const path = locate(config.keys.directory)
  try {
    const jwksTtlSeconds = config.keys.jwks_ttl
    return await KeyDirectory.open({ path, jwksTtlSeconds, log })
  } catch (cause) {
    throw new InputError(`keys.directory: ${errorMessage(cause)}`, { cause })
  }
}

function openRedis({ config, locate }: OpenedIssuerConfig): OpenRevocations | undefined {
  const { redis } = config.revocation
  if (redis === undefined) return undefined
  return create(() => openRevocations(toRevocationRedis(redis, locate), stderrLog, systemRandom))
}

const NO_SINK: AuditSink = { write() {} }

function sinkOf({ config: { audit }, locate }: OpenedIssuerConfig, { stdout }: CliIo): AuditSink {
  if (audit.sink === 'none') return NO_SINK
  if (audit.file === undefined) return new OutputSink((line) => void stdout.write(`${line}\n`))
  try {
    return openSink({ path: locate(audit.file), log: stderrLog, stopwatch: monotonic })
  } catch (cause) {
    throw new InputError(`audit.file: ${errorMessage(cause)}`, { cause })
  }
}

async function listening(starting: Promise<IssuerServer>): Promise<IssuerServer> {
  try {
    return await starting
  } catch (cause) {
    throw new InputError(`listen: ${errorMessage(cause)}`, { cause })
  }
}

async function untilAskedToEnd(onHangup: () => void): Promise<void> {
  process.on('SIGHUP', onHangup)
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  process.off('SIGHUP', onHangup)
}
