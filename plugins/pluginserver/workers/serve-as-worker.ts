import type { Socket } from 'node:net'
import { monotonic, offerReplayStore } from '../../../lib/index.ts'
import type { PluginModule, PluginObject } from '../plugin/plugin-module.ts'
import type { Serving } from '../serving.ts'
import { startAnyway } from '../session/faulty-plugin.ts'
import { placeIn } from '../session/instance-place.ts'
import { SessionHost } from '../session-host.ts'
import { processReport } from '../status/process-report.ts'
import { stopper } from '../stopper.ts'
import type { KnownInstance, ToWorker } from './messages.ts'
import { ParentLine } from './parent-line.ts'

/** Kong may use an instance at one worker for a long time before it comes to another. */
const INSTANCE_IDLE_MS = 24 * 3_600_000
/** How late the parent may hear that connections have been closed. */
const REPORT_MS = 20

/** One of several processes behind a socket, which their parent owns. */
export function serveAsWorker(
  serving: Omit<Serving, 'plugins'>,
  load: () => Serving['plugins'],
): void {
  const { flags, log, notices, metering, recent } = serving
  const onRefusal = metering?.onRefusal
  const early: (() => void)[] = []
  let serve: (message: ToWorker, socket: Socket | undefined) => void = (...given) => {
    early.push(() => serve(...given))
  }
  const line = new ParentLine((...given) => serve(...given))
  offerReplayStore(line)
  const plugins = load()
  const host = new SessionHost({
    ...serving,
    plugins,
    limits: flags,
    now: monotonic,
    pid: process.ppid,
    instanceIdleMs: INSTANCE_IDLE_MS,
    announce: async (plugin, object, config) => {
      const id = await line.announce(plugin.name, config)
      return host.instances.add(plugin, object, id, placeIn(config))
    },
    onInstanceClosed: (id) => line.send({ kind: 'close', id }),
    onRefusal,
  })
  metering?.watch(host)
  const keep = (instance: KnownInstance) => {
    const plugin = plugins.get(instance.plugin)
    if (plugin === undefined) return
    const { id, config } = instance
    host.instances.add(plugin, start(plugin, instance), id, placeIn(config))
  }
  const start = (plugin: PluginModule, { config }: KnownInstance): PluginObject =>
    startAnyway(plugin, config, { log, onRefusal })
  const report = reporter(() => line.send({ kind: 'connections', count: host.connections }))

  serve = (message, socket) => {
    switch (message.kind) {
      case 'connection':
        line.send({ kind: 'taken', number: message.number })
        if (socket === undefined) return
        host.serve(socket)
        socket.on('close', report)
        return
      case 'instances':
        for (const instance of message.instances) keep(instance)
        line.send({ kind: 'ready' })
        return
      case 'instance':
        keep(message.instance)
        line.send({ kind: 'known', number: message.number })
        return
      case 'closed':
        host.instances.drop(message.id)
        return
      case 'measure':
        void metering?.measure().then((measurement) => {
          line.send({ kind: 'measured', number: message.number, measurement })
        })
        return
      case 'report': {
        const { number } = message
        line.send({ kind: 'reported', number, report: processReport(host, recent.lines) })
        return
      }
      case 'notice':
        notices.add(message.level, message.message, message.fields)
        return
      default:
    }
  }
  for (const again of early.splice(0)) again()
  stopper(log, () => host.drain())
  process.on('SIGHUP', () => log.info('SIGHUP'))
}

/** At most one report in a while, after the last change. */
function reporter(report: () => void): () => void {
  let due = false
  return () => {
    if (due) return
    due = true
    setTimeout(() => {
      due = false
      report()
    }, REPORT_MS)
  }
}
