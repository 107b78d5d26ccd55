import { EMPTY_SNAPSHOT, type GatewaySnapshot } from '../status/snapshot.ts'
import type { LabelsOf, MetricName } from './catalogue.ts'
import type { PromMeter } from './prom-meter.ts'

/** Digits of a digest that tell versions apart. */
const VERSION_DIGITS = 12

type Values<Name extends MetricName> = readonly (readonly [LabelsOf<Name>, number])[]

/** Has a meter show what decisions depend on, as a snapshot tells it. */
export class SnapshotMeter {
  readonly #take: () => GatewaySnapshot | undefined
  #snapshot = EMPTY_SNAPSHOT

  constructor(meter: PromMeter, take: () => GatewaySnapshot | undefined) {
    this.#take = take
    meter.gauge('oathmesh_jwks_age_seconds', () => this.#ages())
    meter.gauge('oathmesh_jwks_keys', () =>
      this.#snapshot.issuers.map(({ issuer, keys }) => [{ issuer }, keys]),
    )
    meter.gauge('oathmesh_redis_up', () =>
      this.#snapshot.redis.map(({ redis, state }) => [{ redis }, state === 'up' ? 1 : 0]),
    )
    meter.total('oathmesh_redis_transitions_total', () => this.#transitions())
    meter.total('oathmesh_degraded_passes_total', () =>
      this.#snapshot.redis.map(({ degraded }) => [{}, degraded]),
    )
    meter.gauge('oathmesh_replay_cache_size', () => {
      const { memory } = this.#snapshot
      return memory === undefined ? [] : [[{}, memory.entries]]
    })
    meter.gauge('oathmesh_replay_cache_limit', () => {
      const { memory } = this.#snapshot
      return memory === undefined ? [] : [[{}, memory.max_entries]]
    })
    meter.gauge('oathmesh_policy_info', () => this.#versions())
    meter.gauge('oathmesh_policy_rules', () =>
      this.#snapshot.policies.map(({ policy, rules = 0 }) => [{ policy }, rules]),
    )
    meter.total('oathmesh_policy_reload_failures_total', () =>
      this.#snapshot.policies.map((policy) => [{ policy: policy.policy }, policy.reload_failures]),
    )
    meter.total('oathmesh_audit_lines_total', () =>
      this.#snapshot.audit.flatMap(({ sink, written, dropped }) => [
        [{ sink, result: 'written' }, written],
        [{ sink, result: 'dropped' }, dropped],
      ]),
    )
  }

  /** Takes the snapshot that the figures are read from until the next one. */
  refresh(): void {
    this.#snapshot = this.#take() ?? EMPTY_SNAPSHOT
  }

  /** Where nobody asks, nothing is fetched, and an old document is no fault. */
  #ages(): Values<'oathmesh_jwks_age_seconds'> {
    return this.#snapshot.issuers.flatMap(({ issuer, age_seconds: age, state }) =>
      age === undefined || state === 'idle' ? [] : [[{ issuer }, age]],
    )
  }

  #transitions(): Values<'oathmesh_redis_transitions_total'> {
    return this.#snapshot.redis.flatMap(({ redis, became_up: up, became_away: away }) => [
      [{ redis, to: 'up' }, up],
      [{ redis, to: 'away' }, away],
    ])
  }

  #versions(): Values<'oathmesh_policy_info'> {
    return this.#snapshot.policies.flatMap(({ policy, sha256 }) =>
      sha256 === undefined ? [] : [[{ policy, version: sha256.slice(0, VERSION_DIGITS) }, 1]],
    )
  }
}
