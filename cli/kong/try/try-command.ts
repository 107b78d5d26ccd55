import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { errorMessage } from '../../../lib/error-message.ts'
import { escapeControls } from '../../../lib/index.ts'
import { InputError } from '../../terminal/input-error.ts'
import type { CliIo } from '../../terminal/io.ts'
import { readInput } from '../../terminal/read-input.ts'
import { tryKong } from './try-kong.ts'

interface TryOptions {
  readonly port: string
  readonly echo?: true
}

const HELP = `
Runs the configuration on this machine, without Kong: a stand-in that speaks Kong's plugin protocol to the
plugin server that ships. It knows what Kong does for this plugin and no other plugin of Kong's: for
trying out, not for traffic. Ends with Ctrl-C.

Examples:
  $ oathmesh kong try kong.yml
  $ oathmesh kong try kong.yml --echo --port 8080

Exit codes: 0 ended by a signal, 2 wrong usage, or a configuration that cannot be run`

/** `oathmesh kong try`: one's own configuration, tried without Kong. */
export function tryCommand(io: CliIo): Command {
  return new Command('try')
    .description('run a Kong configuration with the plugin on this machine, without Kong')
    .argument('<file>', 'Kong declarative configuration; - for standard input')
    .option('--port <port>', 'port on 127.0.0.1; 0 takes any free one', '8000')
    .option('--echo', 'answer in place of every service, with the request as it got it')
    .addHelpText('after', HELP)
    .action((file: string, options: TryOptions) => run(file, options, io))
}

async function run(file: string, { port, echo }: TryOptions, io: CliIo): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new InputError('try: --port must be a port, 0 to 65535')
  }
  const config = (await readInput(file, io)).toString('utf8')
  const running = await tryKong({
    config,
    port: Number(port),
    echo: echo === true,
    programs: programs(),
    log: (level, line) => io.stderr.write(`[${level}] ${escapeControls(line)}\n`),
  }).catch((cause: unknown) => {
    throw new InputError(`${file}: ${errorMessage(cause)}`, { cause })
  })
  io.stdout.write(`listening on ${running.url}\n`)
  await new Promise<void>((asked) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => asked())
  })
  await running.stop()
}

/** The plugin server and the plugin's folder, which ship beside this program. */
function programs(): { readonly server: string; readonly plugins: string } {
  const here = dirname(process.argv[1] ?? '')
  for (const folder of [__dirname, here]) {
    const server = join(folder, 'oathmesh-pluginserver.cjs')
    const plugins = join(folder, '../kong')
    if (existsSync(server) && existsSync(plugins)) return { server, plugins }
  }
  throw new InputError(
    'try: the plugin server is not beside this program; is the package complete?',
  )
}
