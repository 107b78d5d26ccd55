import { Command } from 'commander'
import type { PublicJwk } from '../../lib/token/signing-key.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'
import { publicKeysOf } from './public-keys.ts'

const HELP = `
The set is what an issuer publishes, or what goes inline into "issuers[].jwks" of the plugin.

Examples:
  $ oathmesh jwks issuer.pem > jwks.json
  $ oathmesh jwks issuer.pem next.jwk
  $ cat issuer.pem | oathmesh jwks -

Exit codes: 0 printed, 2 wrong usage or a file that holds no such key`

/** `oathmesh jwks`: the public halves of keys as the set that gateways read. */
export function jwksCommand(io: CliIo): Command {
  return new Command('jwks')
    .description('print a JWK set from key files')
    .argument('<files...>', 'keys in PEM, JWKs or JWK sets; - for standard input')
    .option('--json', 'no difference: a JWK set is JSON')
    .addHelpText('after', HELP)
    .action(async (files: readonly string[]) => {
      const keys = new Map<string, PublicJwk>()
      for (const file of files) {
        for (const key of await keysIn(file, io)) add(key, keys, file)
      }
      io.stdout.write(`${JSON.stringify({ keys: [...keys.values()] }, null, 2)}\n`)
    })
}

/** A key that stands in two files is published once. */
function add(key: PublicJwk, keys: Map<string, PublicJwk>, file: string): void {
  const known = keys.get(key.kid)
  // Which of the two a token means could not be told, so gateways refuse the whole set.
  if (known !== undefined && known.x !== key.x) {
    throw new InputError(`${file}: another key has the same key id`)
  }
  keys.set(key.kid, key)
}

async function keysIn(file: string, io: CliIo): Promise<readonly PublicJwk[]> {
  const text = (await readInput(file, io)).toString('utf8')
  try {
    return publicKeysOf(text)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new InputError(`${file}: ${cause.message}`, { cause })
  }
}
