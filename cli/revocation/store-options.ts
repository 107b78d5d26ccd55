import type { Command } from 'commander'
import { parseConfig } from '../../schema/parse-config.ts'
import { toRedisSettings } from '../../schema/to-settings.ts'
import { fetchWith } from '../call/fetch-with.ts'
import { readKongEntity } from '../explain/kong-entity.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'
import {
  addCredentialOptions,
  type CredentialOptions,
  readCredential,
} from '../token/credential.ts'
import { IssuerStore } from './issuer-store.ts'
import { RedisStore } from './redis-store.ts'
import { redisSettingsOf } from './redis-url.ts'
import type { RevocationStore } from './revocation-store.ts'

export interface StoreOptions extends CredentialOptions {
  readonly redis?: string
  readonly redisPasswordFile?: string
  readonly config?: string
  readonly issuer?: string
}

export function addStoreOptions(command: Command): Command {
  command
    .option('--redis <url>', 'in this Redis: redis://user@host:port/database, or rediss://')
    .option(
      '--redis-password-file <file>',
      'its password; or OATHMESH_REDIS_PASSWORD; - for standard input',
    )
    .option(
      '--config <file#route>',
      'in the Redis of the oathmesh entity of a Kong declarative file',
    )
    .option('--issuer <url>', 'at this issuer')
  return addCredentialOptions(command)
}

/** Opens the one place that was named. Throws `InputError` for none or several. */
export async function openStore(options: StoreOptions, io: CliIo): Promise<RevocationStore> {
  const { redis, config, issuer } = options
  if ([redis, config, issuer].filter((place) => place !== undefined).length !== 1) {
    throw new InputError('give one of --redis, --config and --issuer')
  }
  if (issuer !== undefined) {
    const credential = await readCredential(options, io)
    return new IssuerStore({ issuer, credential, fetch: await fetchWith() })
  }
  if (redis !== undefined)
    return new RedisStore(redisSettingsOf(redis, await password(options, io)))
  return storeOf(config ?? '', io)
}

async function storeOf(reference: string, io: CliIo): Promise<RevocationStore> {
  const entity = await readKongEntity(reference, io)
  const { file, line } = entity.place
  try {
    const config = parseConfig(entity.config)
    if (config.replay.store === 'redis') return new RedisStore(toRedisSettings(config))
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new InputError(`${file}:${line}: ${cause.message}`, { cause })
  }
  throw new InputError(`${file}:${line}: replay.store is memory, which has no revocations`)
}

async function password(
  { redisPasswordFile }: StoreOptions,
  io: CliIo,
): Promise<string | undefined> {
  if (redisPasswordFile === undefined) return process.env['OATHMESH_REDIS_PASSWORD'] || undefined
  return (await readInput(redisPasswordFile, io)).toString('utf8').trim()
}
