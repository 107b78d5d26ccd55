import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { nativeFunctions } from '../guard/native.ts'
import { startLocalGateway } from './index.ts'

const LEVELS = ['error', 'warn', 'notice', 'info', 'debug'] as const

const { config, pluginsDirectory, pluginServer, port, logLevel } = new Command('local-gateway')
  .description('Runs a Kong declarative configuration against a real plugin server, without Kong.')
  .option('-c, --config <file>', 'declarative configuration', 'kong/kong.yml')
  .option('-d, --plugins-directory <dir>', 'folder of the plugin bundle', 'dist/kong')
  .option(
    '-s, --plugin-server <command>',
    'plugin server',
    'node_modules/.bin/kong-js-pluginserver',
  )
  .option('-p, --port <number>', 'port on 127.0.0.1', '8000')
  .option('-l, --log-level <level>', LEVELS.join(', '), 'notice')
  .parse()
  .opts<Record<'config' | 'pluginsDirectory' | 'pluginServer' | 'port' | 'logLevel', string>>()

const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-gateway-'))
const shown = LEVELS.indexOf(logLevel as (typeof LEVELS)[number])
const folder = resolve(pluginsDirectory)
const gateway = await startLocalGateway({
  config: readFileSync(config, 'utf8'),
  port: Number(port),
  nativeFunctions,
  pluginServer: {
    startCommand: [pluginServer, '--plugins-directory', folder, '--kong-prefix', prefix],
    queryCommand: [pluginServer, '--plugins-directory', folder, '--dump-all-plugins'],
    socketPath: join(prefix, 'js_pluginserver.sock'),
  },
  log: (level, line) => {
    if (LEVELS.indexOf(level) <= shown) process.stderr.write(`[${level}] ${line}\n`)
  },
})
process.stdout.write(`listening on ${gateway.url}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    gateway.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
}
