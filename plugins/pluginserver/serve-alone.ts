import { monotonic } from '../../lib/index.ts'
import { Listener } from './listener.ts'
import { openMetrics } from './metrics/open-metrics.ts'
import type { Serving } from './serving.ts'
import { SessionHost } from './session-host.ts'
import { stopper } from './stopper.ts'

/** One process that does everything. Resolves when Kong can connect. */
export async function serveAlone(serving: Serving): Promise<void> {
  const { flags, wire, log, socketPath, metering } = serving
  const host = new SessionHost({
    ...serving,
    limits: flags,
    now: monotonic,
    pid: process.pid,
    instanceIdleMs: wire.instanceIdleMs,
    onRefusal: metering?.onRefusal,
  })
  metering?.watch(host)
  metering?.meter.gauge('oathmesh_workers', () => [[{}, 1]])
  const door = await openMetrics(serving)
  const listener = new Listener({
    path: socketPath,
    mode: flags.socketMode,
    pauseOnConnect: false,
    onConnection: (socket) => host.serve(socket),
    connections: () => host.connections,
    onReplaced: () => door?.close(),
    onSuperseded: (why) => stop(`${why}, and nobody is connected`),
  })
  const stop = stopper(log, async () => {
    door?.drain()
    await listener.close()
    await host.drain()
  })
  // Without a listener the signal would end the process; plugins add their own.
  process.on('SIGHUP', () => log.info('SIGHUP'))
  await listener.listen()
}
