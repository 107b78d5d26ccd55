import { dirname, extname, resolve } from 'node:path'
import { parse } from 'yaml'
import { parseStrictJson } from '../../lib/token/strict-json.ts'
import type { IssuerConfig } from '../../schema/issuer-config.ts'
import { readIssuerConfig } from '../../schema/read-issuer-config.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'

/** A configuration, and how its paths are to be read. */
export interface OpenedIssuerConfig {
  readonly config: IssuerConfig
  /** Makes a path of the configuration absolute. */
  readonly locate: (path: string) => string
}

/** Opens an issuer's configuration, YAML or JSON. Throws `InputError` that names every faulty field. */
export async function openIssuerConfig(file: string, io: CliIo): Promise<OpenedIssuerConfig> {
  const text = (await readInput(file, io)).toString('utf8')
  const reading = readIssuerConfig(parseText(file, text))
  if ('faults' in reading) {
    throw new InputError(reading.faults.map((fault) => `${file}: ${fault}`).join('\n'))
  }
  const folder = file === '-' ? '.' : dirname(file)
  return { config: reading.config, locate: (path) => resolve(folder, path) }
}

function parseText(file: string, text: string): unknown {
  try {
    // YAML knows most of JSON; duplicate members it refuses as well.
    return extname(file) === '.json' ? parseStrictJson(text) : parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new InputError(`${file}: ${message}`, { cause })
  }
}
