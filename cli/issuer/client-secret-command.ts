import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'

const SECRET_BYTES = 32
const NAME = /^[a-z0-9][a-z0-9_.-]{0,63}$/

const HELP = `
The secret is shown this once: give it to the client, and the hash to the issuer's configuration. The client
sends "Authorization: Basic" with name and secret, or "Authorization: Bearer name~secret".

Examples:
  $ oathmesh client-secret billing
  $ oathmesh client-secret billing --json

Exit codes: 0 made, 2 wrong usage`

/** `oathmesh client-secret`: a secret for a static client of an issuer, and its hash. */
export function clientSecretCommand(io: CliIo): Command {
  return new Command('client-secret')
    .description("make a secret for a static client, and its hash for the issuer's configuration")
    .argument('<name>', 'name of the client')
    .option('--json', 'print both as JSON')
    .addHelpText('after', HELP)
    .action(async (name: string, { json }: { readonly json?: true }) => {
      if (!NAME.test(name)) throw new InputError(`"${name}": a name is of a–z 0–9 _ . -`)
      const { hashSecret } = await import('../../issuer/index.ts')
      const secret = randomBytes(SECRET_BYTES).toString('base64url')
      const result = {
        name,
        secret,
        bearer: `${name}~${secret}`,
        secret_hash: await hashSecret(secret),
      }
      io.stdout.write(
        json
          ? `${JSON.stringify(result, null, 2)}\n`
          : `secret       ${result.secret}\nbearer       ${result.bearer}\nsecret_hash  ${result.secret_hash}\n`,
      )
    })
}
