#!/usr/bin/env -S node --max-semi-space-size=4
// Requests leave little behind, yet Node.js would grow the heap for new objects to 48 MB under load: 4 MB halves are as fast.
import { join } from 'node:path'
import { monotonic, stderrLog } from '../../lib/index.ts'
import manifest from '../../package.json' with { type: 'json' }
import { dumpPlugin } from './dump.ts'
import { type Flags, parseFlags } from './flags.ts'
import { HELP } from './help.ts'
import { keepRunning } from './keep-running.ts'
import { loadPlugins } from './plugin/load-plugins.ts'
import type { PluginModule } from './plugin/plugin-module.ts'
import { PluginServer } from './plugin-server.ts'
import { causeMessage } from './session/cause-text.ts'
import { Notices } from './session/notices.ts'
import { WIRES } from './wire/wires.ts'

const notices = new Notices()
const log = notices.tee(stderrLog)

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
  if (flags === 'version') return print(`${manifest.version}\n`)
  const plugins = loadPlugins(flags.pluginsDirectory, log)
  if (flags.dumpPluginInfo !== undefined) return print(dumpPlugin(plugins, flags.dumpPluginInfo))
  if (flags.dumpAllPlugins) return print(WIRES[flags.wire].describe(plugins))
  await serve(flags, plugins)
}

/** Ends the process as well: a plugin may have left something open, and Kong waits for the end of output. */
function print(output: string | Uint8Array): void {
  process.stdout.write(output, () => process.exit(0))
}

async function serve(flags: Flags, plugins: ReadonlyMap<string, PluginModule>): Promise<void> {
  keepRunning(log)
  const socketPath = join(flags.kongPrefix, flags.sockName)
  let stopping = false
  const stop = async (why: string): Promise<void> => {
    if (stopping) process.exit(0)
    stopping = true
    const drained = server.drain()
    log.info('stopping', { why })
    await drained
    process.exit(0)
  }
  const server = new PluginServer({
    wire: WIRES[flags.wire],
    plugins,
    socketPath,
    limits: flags,
    log,
    notices,
    now: monotonic,
    onSuperseded: (why) => void stop(`${why}, and nobody is connected`),
  })
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // Without a listener the signal would end the process; plugins add their own.
  process.on('SIGHUP', () => log.info('SIGHUP'))
  await server.listen()
  log.info(`server started at ${socketPath}`, { plugins: [...plugins.keys()].join(' ') })
}
