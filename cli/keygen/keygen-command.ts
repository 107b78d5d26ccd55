import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { publicJwk, readSigningKey } from '../../lib/token/signing-key.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'

interface KeygenOptions {
  readonly out: string
  readonly jwk?: string
  readonly json?: true
}

const HELP = `
The private key is written as PKCS#8 in PEM, readable by you alone; its public half is printed as a JWK.
Its key id is the thumbprint of RFC 7638: every holder of the file calls it the same.

Examples:
  $ oathmesh keygen --out issuer.pem
  $ oathmesh keygen --out issuer.pem --jwk issuer.jwk --json

Exit codes: 0 written, 2 wrong usage, or a file that exists or cannot be written`

/** `oathmesh keygen`: a new signing key. */
export function keygenCommand(io: CliIo): Command {
  return new Command('keygen')
    .description('make a signing key')
    .requiredOption('--out <file>', 'where the private key goes; never overwritten')
    .option('--jwk <file>', 'where the public JWK goes as well; never overwritten')
    .option('--json', 'print file, key id and JWK as JSON')
    .addHelpText('after', HELP)
    .action((options: KeygenOptions) => keygen(options, io))
}

async function keygen({ out, jwk: jwkFile, json }: KeygenOptions, io: CliIo): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const key = readSigningKey(pem)
  const jwk = publicJwk(key)
  await writeNew(out, pem, 0o600)
  if (jwkFile !== undefined) await writeNew(jwkFile, `${JSON.stringify(jwk, null, 2)}\n`, 0o644)
  const result = json ? { file: out, kid: key.kid, jwk } : jwk
  io.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  if (!json) io.stderr.write(`${out}: private key, readable by you alone\n`)
}

async function writeNew(file: string, content: string | Buffer, mode: number): Promise<void> {
  try {
    // Exclusive: a key that is overwritten is lost, and so is everything it was trusted for.
    await writeFile(file, content, { flag: 'wx', mode })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'exists already; it is not overwritten' : message
    throw new InputError(`${file}: ${why}`, { cause })
  }
}
