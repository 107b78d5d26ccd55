import { monotonic } from '../../lib/index.ts'
import { Listener } from './listener.ts'
import type { Serving } from './serving.ts'
import { SessionHost } from './session-host.ts'
import { stopper } from './stopper.ts'

/** One process that does everything. Resolves when Kong can connect. */
export async function serveAlone(serving: Serving): Promise<void> {
  const { flags, wire, log, socketPath } = serving
  const host = new SessionHost({
    ...serving,
    limits: flags,
    now: monotonic,
    pid: process.pid,
    instanceIdleMs: wire.instanceIdleMs,
  })
  const listener = new Listener({
    path: socketPath,
    mode: flags.socketMode,
    pauseOnConnect: false,
    onConnection: (socket) => host.serve(socket),
    connections: () => host.connections,
    onSuperseded: (why) => stop(`${why}, and nobody is connected`),
  })
  const stop = stopper(log, async () => {
    await listener.close()
    await host.drain()
  })
  // Without a listener the signal would end the process; plugins add their own.
  process.on('SIGHUP', () => log.info('SIGHUP'))
  await listener.listen()
}
