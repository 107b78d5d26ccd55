import { resolve } from 'node:path'
import { parseConfig } from '../../schema/parse-config.ts'
import type { PluginConfig } from '../../schema/plugin-config.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'
import { inFlags } from './in-flags.ts'
import { type KongEntity, readKongEntity } from './kong-entity.ts'

/** Where the settings come from: a plugin entity, or flags that stand for the smallest one. */
export interface ConfigOptions {
  readonly config?: string
  readonly audience?: string
  readonly issuer?: readonly string[]
  readonly jwks?: string
  readonly policy?: string
  readonly bindMode?: string
  readonly allowHttp?: true
}

export interface ReadConfig {
  readonly config: PluginConfig
  readonly place?: KongEntity['place']
}

const FLAGS = ['audience', 'issuer', 'jwks', 'policy', 'bindMode', 'allowHttp'] as const

/** The configuration as a gateway would read it. Throws `InputError` for one that it would refuse. */
export async function readConfig(options: ConfigOptions, io: CliIo): Promise<ReadConfig> {
  if (options.config === undefined) return { config: parsed(await configOf(options, io), inFlags) }
  if (FLAGS.some((name) => options[name] !== undefined)) {
    throw new InputError('explain: --config has all settings; give no others')
  }
  const { config, place } = await readKongEntity(options.config, io)
  return { config: parsed(config, (fault) => `${place.file}:${place.line}: ${fault}`), place }
}

async function configOf(options: ConfigOptions, io: CliIo): Promise<object> {
  const { audience, issuer = [], jwks, policy, bindMode, allowHttp } = options
  if (audience === undefined || issuer.length === 0) {
    throw new InputError('explain: give --config, or --audience and --issuer')
  }
  if (jwks !== undefined && issuer.length > 1) {
    throw new InputError('explain: --jwks holds the keys of one --issuer')
  }
  const keys = jwks === undefined ? {} : { jwks: (await readInput(jwks, io)).toString('utf8') }
  return {
    audience,
    issuers: issuer.map((name) => ({ issuer: name, ...keys })),
    policy: policy === undefined ? { allow_all: true } : { file: resolve(policy) },
    keys: { allow_http: allowHttp === true },
    ...(bindMode !== undefined && { request_binding: { mode: bindMode } }),
  }
}

function parsed(raw: unknown, say: (fault: string) => string): PluginConfig {
  try {
    return parseConfig(raw)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new InputError(say(cause.message), { cause })
  }
}
