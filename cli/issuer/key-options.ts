import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { openIssuerConfig } from './open-issuer-config.ts'

/** Options that say which keys are meant. */
export interface KeyOptions {
  readonly config?: string
  readonly directory?: string
  readonly jwksTtl?: string
}

export interface KeyPlace {
  readonly directory: string
  readonly jwksTtlSeconds: number
}

const DEFAULT_JWKS_TTL_SECONDS = 60

/** The key directory of a configuration, or the one that was named. Throws `InputError`. */
export async function keyPlaceOf(options: KeyOptions, io: CliIo): Promise<KeyPlace> {
  const { config: file, directory, jwksTtl } = options
  if ((file === undefined) === (directory === undefined)) {
    throw new InputError('keys: give either --config or --directory')
  }
  if (file !== undefined && jwksTtl !== undefined) {
    throw new InputError('keys: --jwks-ttl goes with --directory; the configuration has its own')
  }
  if (file === undefined) {
    const jwksTtlSeconds = jwksTtl === undefined ? DEFAULT_JWKS_TTL_SECONDS : secondsOf(jwksTtl)
    return { directory: directory ?? '', jwksTtlSeconds }
  }
  const { config, locate } = await openIssuerConfig(file, io)
  return { directory: locate(config.keys.directory), jwksTtlSeconds: config.keys.jwks_ttl }
}

/** Whole seconds up to a day. */
export function secondsOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 86_400) {
    throw new InputError(`"${text}" is not a number of seconds up to 86400`)
  }
  return Number(text)
}

/** Whole days, from one to a year. */
export function daysOf(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > 366) {
    throw new InputError(`"${text}" is not a number of days from 1 to 366`)
  }
  return Number(text)
}

/** What happened to the directory, as a fault of the input where it is one. */
export function directoryFault(directory: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  if (!(cause instanceof TypeError) && !('code' in cause)) return cause
  return new InputError(`${directory}: ${cause.message}`, { cause })
}
