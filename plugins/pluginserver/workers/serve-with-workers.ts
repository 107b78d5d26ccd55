import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../lib/index.ts'
import { Gathering } from '../../../lib/metrics/gathering.ts'
import { openStatus } from '../../../lib/status/open-status.ts'
import { Listener } from '../listener.ts'
import type { Metering } from '../metrics/metering.ts'
import { openMetrics } from '../metrics/open-metrics.ts'
import type { Serving } from '../serving.ts'
import { serverReport } from '../status/server-report.ts'
import { stopper } from '../stopper.ts'
import { WorkerPool } from './worker-pool.ts'

/** Beyond what a worker takes to drain. */
const GRACE_MS = 2000

/**
 * The parent: it owns the socket's name, hands every connection to a worker, starts workers again, and keeps
 * what must be one. No request passes through it. Resolves when Kong can connect.
 */
export async function serveWithWorkers(serving: Serving, size: number): Promise<void> {
  const { flags, wire, socketPath, metering } = serving
  const gathering = new Gathering()
  const log = heardByKong(serving.log, () => pool)
  const pool: WorkerPool = new WorkerPool({
    size,
    maxInstanceId: wire.maxInstanceId,
    log,
    gathering,
  })
  meterPool(metering, pool)
  const door = await openMetrics(serving, gathering)
  const listener = new Listener({
    path: socketPath,
    mode: flags.socketMode,
    pauseOnConnect: true,
    onConnection: (socket) => {
      socket.on('error', () => {})
      pool.give(socket)
    },
    connections: () => pool.connections,
    onReplaced: () => door?.close(),
    onSuperseded: (why) => stop(`${why}, and nobody is connected`),
  })
  let status: { close(): void } | undefined
  const stop = stopper(
    log,
    async () => {
      door?.drain()
      status?.close()
      await listener.close()
      await Promise.race([pool.stop(), sleep(flags.drainMs + GRACE_MS)])
      pool.kill('SIGKILL')
    },
    () => pool.kill('SIGKILL'),
  )
  process.on('SIGHUP', () => {
    log.info('SIGHUP')
    pool.kill('SIGHUP')
  })
  process.on('exit', () => pool.kill('SIGKILL'))
  await pool.ready()
  await listener.listen()
  const report = async () => {
    const asked = await pool.reports()
    const silent = asked.filter((worker) => worker.report === undefined).map(({ pid }) => pid)
    return serverReport({
      wire: flags.wire,
      workers: { wanted: size, ready: pool.readyWorkers, silent },
      reports: asked.flatMap((worker) => worker.report ?? []),
      connections: pool.connections,
      recent: serving.recent,
      // Without any room, no instance keeps used tokens in memory.
      ...(pool.memory.max_entries > 0 && { memory: pool.memory }),
    })
  }
  status = await openStatus(socketPath, report, log)
}

/** What only the parent knows. */
function meterPool(metering: Metering | undefined, pool: WorkerPool): void {
  metering?.meter.gauge('oathmesh_workers', () => [[{}, pool.readyWorkers]])
  metering?.meter.gauge('oathmesh_replay_cache_size', () => [[{}, pool.memory.entries]])
  metering?.meter.gauge('oathmesh_replay_cache_limit', () => [[{}, pool.memory.max_entries]])
}

/** Also tells a worker, whose next request carries it to Kong's log. */
function heardByKong(log: Log, pool: () => WorkerPool): Log {
  return {
    info: (message, fields) => log.info(message, fields),
    warn: (message, fields = {}) => {
      log.warn(message, fields)
      pool().notice('warn', message, fields)
    },
    error: (message, fields = {}) => {
      log.error(message, fields)
      pool().notice('err', message, fields)
    },
  }
}
