import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Command } from 'commander'
import { systemClock } from '../../lib/index.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { painter } from '../terminal/print.ts'
import { unreadable } from '../terminal/read-input.ts'
import { initFiles, type Setup } from './init-files.ts'

interface InitOptions {
  readonly issuerPort: string
  readonly audience: string
  readonly upstream: string
}

const CLIENT = 'first'
const SECRET_BYTES = 32
const KEYS = 'keys'
/** As the issuer's default, and Kong's of the first key: nobody has fetched any yet. */
const JWKS_TTL_SECONDS = 60

const HELP = `
Writes what a first set-up needs, and nothing over a file that is there: a signing key, an issuer with one
client, a Kong configuration with one protected service, and the environment of a caller.

Examples:
  $ oathmesh init
  $ oathmesh init try-out --upstream http://127.0.0.1:9000

Exit codes: 0 written, 2 wrong usage, or a file is there already`

/** `oathmesh init`: from an empty folder to a first call with an issuer of one's own. */
export function initCommand(io: CliIo): Command {
  return new Command('init')
    .description('write an issuer, a Kong configuration and a caller to start from')
    .argument('[folder]', 'where the files go; made when it is not there', '.')
    .option('--issuer-port <port>', 'port of the issuer on this machine', '4000')
    .option('--audience <name>', 'the name of the API in tokens', 'https://items.internal')
    .option('--upstream <url>', 'the service behind Kong', 'http://127.0.0.1:9000')
    .addHelpText('after', HELP)
    .action((folder: string, options: InitOptions) => init(folder, options, io))
}

async function init(folder: string, options: InitOptions, io: CliIo): Promise<void> {
  const setup = await setupOf(options)
  const files = initFiles(setup)
  const taken = [...Object.keys(files), KEYS].filter((name) => existsSync(join(folder, name)))
  if (taken.length > 0) {
    throw new InputError(
      `init: ${taken.map((name) => join(folder, name)).join(', ')}: there already; nothing was written`,
    )
  }
  const { rotateKey } = await import('../../issuer/index.ts')
  const directory = join(folder, KEYS)
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await rotateKey({ directory, jwksTtlSeconds: JWKS_TTL_SECONDS, now: systemClock.now() / 1000 })
    for (const [name, { text, mode }] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { flag: 'wx', mode })
    }
  } catch (cause) {
    throw unreadable(folder, cause)
  }
  io.stdout.write(nextSteps(folder, Object.keys(files), io.stdout.color))
}

async function setupOf({ issuerPort, audience, upstream }: InitOptions): Promise<Setup> {
  const port = Number(issuerPort)
  if (!/^\d{1,5}$/.test(issuerPort) || port < 1 || port > 65_535) {
    throw new InputError('init: --issuer-port must be a port, 1 to 65535')
  }
  if (!/^[\x21\x23-\x26\x28-\x7e]+$/.test(audience)) {
    throw new InputError('init: --audience must be printable ASCII without spaces and quotes')
  }
  if (!URL.canParse(upstream) || !/^https?:\/\/[^\s#"']+$/i.test(upstream)) {
    throw new InputError('init: --upstream must be an http(s) URL')
  }
  const { hashSecret } = await import('../../issuer/index.ts')
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  return {
    issuer: `http://127.0.0.1:${port}`,
    issuerPort: port,
    audience,
    upstream,
    client: CLIENT,
    secretHash: await hashSecret(secret),
    bearer: `${CLIENT}~${secret}`,
  }
}

function nextSteps(folder: string, files: readonly string[], color: boolean): string {
  const bold = (text: string) => painter(color)('bold', text)
  const shown = relative('', folder) || '.'
  const into = shown === '.' ? '' : `  cd ${shown}\n`
  // As it was called: without an installation on PATH, npm finds it.
  const program = process.env['npm_command'] === 'exec' ? 'npx oathmesh' : 'oathmesh'
  return `${[`${KEYS}/`, ...files].map((name) => join(shown, name)).join('\n')}

${bold('Next')}, each in a terminal of its own:
${into}  ${program} serve --config issuer.yaml
  ${program} kong try kong.yml --echo
  . ./caller.env && ${program} curl http://127.0.0.1:8000/items

--echo answers in place of the service. In earnest: docs/deploy.md and docs/issuer.md.
`
}
