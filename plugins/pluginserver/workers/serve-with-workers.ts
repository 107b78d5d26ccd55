import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../lib/index.ts'
import { Listener } from '../listener.ts'
import type { Serving } from '../serving.ts'
import { stopper } from '../stopper.ts'
import { WorkerPool } from './worker-pool.ts'

/** Beyond what a worker takes to drain. */
const GRACE_MS = 2000

/**
 * The parent: it owns the socket's name, hands every connection to a worker, starts workers again, and keeps
 * what must be one. No request passes through it. Resolves when Kong can connect.
 */
export async function serveWithWorkers(serving: Serving, size: number): Promise<void> {
  const { flags, wire, socketPath } = serving
  const log = heardByKong(serving.log, () => pool)
  const pool: WorkerPool = new WorkerPool({ size, maxInstanceId: wire.maxInstanceId, log })
  const listener = new Listener({
    path: socketPath,
    mode: flags.socketMode,
    pauseOnConnect: true,
    onConnection: (socket) => {
      socket.on('error', () => {})
      pool.give(socket)
    },
    connections: () => pool.connections,
    onSuperseded: (why) => stop(`${why}, and nobody is connected`),
  })
  const stop = stopper(
    log,
    async () => {
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
