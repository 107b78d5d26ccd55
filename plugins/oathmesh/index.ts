import { version } from '../../package.json'
import configSchema from '../../schema/config.schema.json' with { type: 'json' }
import type { JsonSchema } from '../../schema/json-schema.ts'
import { toKongChecks } from '../../schema/kong-checks.ts'
import { ENTITY_FIELDS } from '../../schema/kong-entity.ts'
import { toKongFields } from '../../schema/to-kong.ts'
import type { Kong } from './kong.ts'
import { runtime } from './runtime.ts'

/** Kong constructs one per plugin entity and worker; see `runtime.ts` for what they share. */
export class Plugin {
  readonly #handler: ReturnType<typeof runtime.handler>

  /** Throws for a wrong configuration: Kong then answers every request with 500. */
  constructor(config: unknown) {
    this.#handler = runtime.handler(config)
  }

  access(kong: Kong): Promise<void> {
    return this.#handler.access(kong)
  }

  /** For the server that hosts it: why no request can be decided on yet; empty when they can. */
  lacks(): readonly string[] {
    return this.#handler.lacks()
  }
}

export const Name = 'oathmesh'
export const Version = version
/** Where Kong's own authentication plugins stand: before rate limiting and acl. */
export const Priority = 1450
export const Schema = toKongFields(configSchema as JsonSchema)
/** Fields beside the configuration. The stock plugin server has no place for them and leaves them out. */
export const EntityFields = ENTITY_FIELDS
/** Rules between fields of different records. The stock plugin server leaves these out as well. */
export const ConfigChecks = toKongChecks(configSchema as JsonSchema)
