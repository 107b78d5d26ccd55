import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { errorMessage } from '../../lib/error-message.ts'
import { nativeFunctions } from './guard-functions.ts'
import { startLocalGateway } from './index.ts'

const LEVELS = ['error', 'warn', 'notice', 'info', 'debug'] as const

interface Flags {
  readonly config: string
  readonly pluginsDirectory: string
  readonly pluginServer: string
  readonly startCmd?: string
  readonly queryCmd?: string
  readonly socket?: string
  readonly port: string
  readonly logLevel: (typeof LEVELS)[number]
}

const flags = new Command('local-gateway')
  .description('Runs a Kong declarative configuration against a real plugin server, without Kong.')
  .option('-c, --config <file>', 'declarative configuration', 'kong/kong.yml')
  .option('-d, --plugins-directory <dir>', 'folder of the plugin bundle', 'dist/kong')
  .option('-s, --plugin-server <file>', 'plugin server', 'dist/bin/oathmesh-pluginserver.cjs')
  .option('--start-cmd <line>', 'command that starts the plugin server, instead of --plugin-server')
  .option('--query-cmd <line>', 'command that prints what the plugin is')
  .option('--socket <path>', 'where the plugin server listens')
  .option('-p, --port <number>', 'port on 127.0.0.1; 0 is any free one', '8000')
  .addOption(
    new Option('-l, --log-level <level>', 'lowest level shown').choices(LEVELS).default('notice'),
  )
  .parse()
  .opts<Flags>()

const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-gateway-'))
process.once('exit', () => rmSync(prefix, { recursive: true, force: true }))

const shown = LEVELS.indexOf(flags.logLevel)
const server = [flags.pluginServer, '--plugins-directory', resolve(flags.pluginsDirectory)]
const start = [...server, '--kong-prefix', prefix]
const query = [...server, '--dump-all-plugins']

try {
  const gateway = await startLocalGateway({
    config: readFileSync(flags.config, 'utf8'),
    port: Number(flags.port),
    nativeFunctions,
    pluginServer: {
      startCommand: flags.startCmd === undefined ? start : shell(`exec ${flags.startCmd}`),
      queryCommand: flags.queryCmd === undefined ? query : shell(flags.queryCmd),
      socketPath: flags.socket ?? join(prefix, 'js_pluginserver.sock'),
    },
    log: (level, line) => {
      if (LEVELS.indexOf(level) <= shown) process.stderr.write(`[${level}] ${line}\n`)
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      gateway.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
  process.stdout.write(`listening on ${gateway.url}\n`)
} catch (cause) {
  process.stderr.write(`${errorMessage(cause)}\n`)
  process.exitCode = 1
}

/** Kong hands its command lines to a shell. */
function shell(line: string): readonly string[] {
  return ['/bin/sh', '-c', line]
}
