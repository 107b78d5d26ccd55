import { monotonic } from '../../lib/index.ts'
import { openStatus } from '../../lib/status/open-status.ts'
import { Listener } from './listener.ts'
import { openMetrics } from './metrics/open-metrics.ts'
import type { Serving } from './serving.ts'
import { SessionHost } from './session-host.ts'
import { processReport } from './status/process-report.ts'
import { serverReport } from './status/server-report.ts'
import { stopper } from './stopper.ts'

/** One process that does everything. Resolves when Kong can connect. */
export async function serveAlone(serving: Serving): Promise<void> {
  const { flags, wire, log, recent, socketPath, metering } = serving
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
  let status: { close(): void } | undefined
  const stop = stopper(log, async () => {
    door?.drain()
    status?.close()
    await listener.close()
    await host.drain()
  })
  // Without a listener the signal would end the process; plugins add their own.
  process.on('SIGHUP', () => log.info('SIGHUP'))
  await listener.listen()
  const report = async () =>
    serverReport({
      wire: flags.wire,
      workers: { wanted: 1, ready: 1, silent: [] },
      reports: [processReport(host, recent.lines)],
      connections: host.connections,
    })
  status = await openStatus(socketPath, report, log)
}
