import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { errorMessage } from '../../lib/error-message.ts'
import { addMintingOptions, type MintingOptions, mintingOptionsOf } from '../call/open-client.ts'
import { readConfig } from '../explain/read-config.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { AuditFile } from './audit-file.ts'
import { openOwnStage } from './open-stage.ts'

interface ExploreOptions extends MintingOptions {
  readonly config: string
  readonly gateway: string
  readonly audit?: string
  readonly port: string
}

const HELP = `
Serves a page on 127.0.0.1 from which one mints tokens, sends them through the gateway and sees what each of the
fourteen steps looked at. The page gets neither the credential nor the signature of a token. Only the printed
address opens it: it holds a key. Ends with Ctrl-C.

Examples:
  $ . ./caller.env
  $ oathmesh explore --config kong.yml --gateway http://127.0.0.1:8000/items
  $ oathmesh explore --config kong.yml#items --gateway https://gateway.example.com/v1/items \\
      --audit /var/log/oathmesh/audit.log --credential-file secret.txt

Exit codes: 0 ended by a signal, 2 wrong usage or configuration`

/** `oathmesh explore`: the fourteen steps on a page, for one's own issuer and gateway. */
export function exploreCommand(io: CliIo): Command {
  const command = new Command('explore')
    .description('show on a page what each step makes of a token, with your issuer and gateway')
    .requiredOption(
      '--config <file#route>',
      'what the gateway runs: a Kong declarative file, or one of oathmesh-envoy',
    )
    .requiredOption(
      '--gateway <url>',
      'where to send the calls: a GET of an API behind the gateway',
    )
    .option('--audit <file>', 'audit file of the gateway, or its error log')
    .option('--port <port>', 'port of the page on 127.0.0.1; 0 takes any free one', '0')
  return addMintingOptions(command)
    .addHelpText('after', HELP)
    .action((_: ExploreOptions, self: Command) => explore(mintingOptionsOf(self), io))
}

async function explore(options: ExploreOptions, io: CliIo): Promise<void> {
  const { port, audit } = options
  checkOptions(options)
  const { config, place } = await readConfig({ config: options.config }, io)
  const own = {
    config,
    say: (fault: string) => `${place?.file}:${place?.line}: ${fault}`,
    url: options.gateway,
    audit: audit === undefined ? undefined : await AuditFile.open(audit),
    minting: options,
  }
  const { ExplorerServer } = await import('../../explorer/index.ts')
  const stage = await openOwnStage(own, io)
  const server = await ExplorerServer.start({
    stage,
    folder: pageFolder(),
    port: Number(port),
  }).catch((cause: unknown) => {
    throw new InputError(`explore: ${errorMessage(cause)}`, { cause })
  })
  io.stdout.write(`open ${server.url}\n`)
  await new Promise<void>((asked) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => asked())
  })
  await server.stop()
}

function checkOptions({ port, gateway, key, credentialFile }: ExploreOptions): void {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new InputError('explore: --port must be a port, 0 to 65535')
  }
  if (!URL.canParse(gateway) || !/^https?:\/\/[^\s#@]+$/i.test(gateway)) {
    throw new InputError('explore: --gateway must be an http(s) URL without user and fragment')
  }
  if (key === '-' || credentialFile === '-') {
    throw new InputError('explore: key and credential are read for each token; give a file')
  }
}

/** The page, which ships beside this program. */
function pageFolder(): string {
  for (const here of [__dirname, dirname(process.argv[1] ?? '')]) {
    const folder = join(here, '../explorer')
    if (existsSync(join(folder, 'index.html'))) return folder
  }
  throw new InputError('explore: the page is not beside this program; is the package complete?')
}
