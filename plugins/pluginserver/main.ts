#!/usr/bin/env -S node --max-semi-space-size=4
// Requests leave little behind, yet Node.js would grow the heap for new objects to 48 MB under load: 4 MB halves are as fast.
import { join } from 'node:path'
import { type Log, offerMeter, RecentLines, stderrLog, systemClock } from '../../lib/index.ts'
import { version } from '../../package.json'
import { dumpPlugin } from './dump.ts'
import { type Flags, parseFlags } from './flags.ts'
import { HELP } from './help.ts'
import { keepRunning } from './keep-running.ts'
import { Metering } from './metrics/metering.ts'
import { loadPlugins } from './plugin/load-plugins.ts'
import { serveAlone } from './serve-alone.ts'
import { causeMessage } from './session/cause-text.ts'
import { Notices } from './session/notices.ts'
import { WIRES } from './wire/wires.ts'
import { serveAsWorker } from './workers/serve-as-worker.ts'
import { serveWithWorkers } from './workers/serve-with-workers.ts'
import { WORKER_VARIABLE } from './workers/worker-process.ts'

const notices = new Notices()
const recent = new RecentLines(notices.tee(stderrLog), systemClock)
const log: Log = recent

void main()

async function main(): Promise<void> {
  try {
    await run(parseFlags(process.argv.slice(2)))
  } catch (cause) {
    log.error(causeMessage(cause))
    process.exit(1)
  }
}

async function run(flags: Flags | 'help' | 'version'): Promise<void> {
  if (flags === 'help') return print(HELP)
  if (flags === 'version') return print(`${version}\n`)
  const load = () => loadPlugins(flags.pluginsDirectory, log)
  if (flags.dumpPluginInfo !== undefined) return print(dumpPlugin(load(), flags.dumpPluginInfo))
  if (flags.dumpAllPlugins) return print(WIRES[flags.wire].describe(load()))
  keepRunning(log)
  const socketPath = join(flags.kongPrefix, flags.sockName)
  const worker = process.env[WORKER_VARIABLE]
  const name = worker ?? (flags.workers === 1 ? '0' : 'parent')
  const metering = flags.metrics && new Metering({ wire: flags.wire, worker: name })
  // Before they are loaded, which is when they look. The parent runs none.
  if (metering !== undefined && name !== 'parent') offerMeter(metering.meter)
  const serving = { flags, wire: WIRES[flags.wire], socketPath, log, notices, recent, metering }
  if (worker !== undefined) return serveAsWorker(serving, load)
  const plugins = load()
  if (flags.workers === 1) await serveAlone({ ...serving, plugins })
  else await serveWithWorkers({ ...serving, plugins }, flags.workers)
  const names = [...plugins.keys()].join(' ')
  log.info(`server started at ${socketPath}`, { plugins: names, workers: flags.workers })
}

/** Ends the process as well: a plugin may have left something open, and Kong waits for the end of output. */
function print(output: string | Uint8Array): void {
  process.stdout.write(output, () => process.exit(0))
}
