import { createHash } from 'node:crypto'
import { redisName } from '../redis/redis-name.ts'
import type { EntityStatus, PolicyStatus } from '../status/snapshot.ts'
import { withoutUserinfo } from '../status/without-userinfo.ts'
import type { PolicySettings } from '../verify/verifier-settings.ts'
import type { GatewaySettings } from './gateway-settings.ts'

/** More than a gateway has; entities that were removed long ago make way. */
const MAX_ENTITIES = 4096

interface Known {
  readonly entity: EntityStatus
  /** Of a policy that stands in the configuration. */
  readonly policy: PolicyStatus | undefined
}

/** The entities that were opened in this process, each as it was configured last. */
export class KnownEntities {
  readonly #known = new Map<string, Known>()

  note(settings: GatewaySettings): void {
    const { entity, audience, issuers, policy: chosen } = settings.verification
    const policy = inlinePolicy(entity, chosen)
    const status: EntityStatus = {
      entity,
      audience,
      enforcement: settings.passing.enforcement,
      issuers: issuers.map(({ issuer }) => withoutUserinfo(issuer)),
      replay: settings.replay.store === 'memory' ? 'memory' : redisName(settings.replay.redis),
      policy: policy?.policy ?? (chosen !== 'allow_all' && 'file' in chosen ? chosen.file : ''),
    }
    this.#known.delete(entity)
    this.#known.set(entity, { entity: status, policy })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_ENTITIES) break
      this.#known.delete(oldest)
    }
  }

  get entities(): readonly EntityStatus[] {
    return [...this.#known.values()].map(({ entity }) => entity)
  }

  /** Those that stand in a configuration. */
  get policies(): readonly PolicyStatus[] {
    return [...this.#known.values()].flatMap(({ policy }) => policy ?? [])
  }
}

function inlinePolicy(entity: string, policy: PolicySettings): PolicyStatus | undefined {
  if (policy === 'allow_all') return { policy: 'allow_all', state: 'loaded', reload_failures: 0 }
  if (!('rules' in policy)) return undefined
  const { rules } = policy
  return {
    policy: entity === '' ? 'inline' : `inline of ${entity}`,
    state: 'loaded',
    sha256: createHash('sha256').update(JSON.stringify(rules)).digest('hex'),
    rules: rules.length,
    reload_failures: 0,
  }
}
