import type { MetricShape } from './metric-shape.ts'

const GATEWAYS = ['kong', 'envoy'] as const
const ALL = ['kong', 'envoy', 'issuer'] as const

/**
 * Every metric of our own. Labels hold what the operator has configured or what is a constant of ours, never what
 * a caller sends: whoever varies a claim, a key id or a path must not be able to make series. Spec 11.
 */
export const METRICS = {
  // Decisions
  oathmesh_decisions_total: {
    type: 'counter',
    help: 'Decisions, one for each audit line. outcome is allow, deny, observe (refused, but let pass) or anonymous; enforced is false for the last two; step and reason are those of the audit line, without the name of a policy rule, and status is what a refusal is answered with: empty for allow.',
    labels: ['audience', 'outcome', 'step', 'reason', 'status', 'enforced'],
    of: GATEWAYS,
  },
  oathmesh_verifications_total: {
    type: 'counter',
    help: 'Calls on which the fourteen steps were begun.',
    labels: [],
    of: GATEWAYS,
  },
  oathmesh_replays_detected_total: {
    type: 'counter',
    help: 'Tokens that had been used before (jti_replay). A store that could not be asked is no replay.',
    labels: [],
    of: GATEWAYS,
  },
  oathmesh_policy_denials_total: {
    type: 'counter',
    help: 'Calls that policy, a required action or scope, or a missing consumer denied (policy_denied).',
    labels: [],
    of: GATEWAYS,
  },
  oathmesh_clock_skew_rejections_total: {
    type: 'counter',
    help: 'Tokens refused for their time: expired, future_iat or future_nbf. Many of one issuer say that a clock is wrong.',
    labels: ['reason'],
    of: GATEWAYS,
  },
  oathmesh_verification_duration_seconds: {
    type: 'histogram',
    help: 'Time of whole verifications, waiting included.',
    labels: [],
    of: GATEWAYS,
  },
  oathmesh_step_duration_seconds: {
    type: 'histogram',
    help: 'Time of the costly steps, waiting included: keys, signature, binding, replay (with the question for a revocation), policy.',
    labels: ['step'],
    of: GATEWAYS,
  },

  // What decisions depend on
  oathmesh_jwks_age_seconds: {
    type: 'gauge',
    help: 'Age of the key set held of a configured issuer, the oldest where there are several. Absent while none is held, and while nobody asks for its keys, since nothing is fetched then.',
    labels: ['issuer'],
    of: GATEWAYS,
    across: 'max',
  },
  oathmesh_jwks_keys: {
    type: 'gauge',
    help: 'Usable keys held of a configured issuer.',
    labels: ['issuer'],
    of: GATEWAYS,
    across: 'min',
  },
  oathmesh_jwks_fetches_total: {
    type: 'counter',
    help: 'Fetches of a key set; result is ok or failed.',
    labels: ['issuer', 'result'],
    of: GATEWAYS,
  },
  oathmesh_redis_up: {
    type: 'gauge',
    help: '1 while this Redis can be used, 0 while it is away or has not been reached yet; the lowest of all processes.',
    labels: ['redis'],
    of: GATEWAYS,
    across: 'min',
  },
  oathmesh_redis_transitions_total: {
    type: 'counter',
    help: 'How often this Redis became usable, the first time included, and ceased to be; to is up or away.',
    labels: ['redis', 'to'],
    of: GATEWAYS,
  },
  oathmesh_degraded_passes_total: {
    type: 'counter',
    help: 'Calls accepted from the known-good window while Redis was away.',
    labels: [],
    of: GATEWAYS,
  },
  oathmesh_replay_claim_duration_seconds: {
    type: 'histogram',
    help: 'Time of one claim of a token id; store is memory or redis.',
    labels: ['store'],
    of: GATEWAYS,
  },
  oathmesh_replay_cache_size: {
    type: 'gauge',
    help: 'Used tokens that the memory store remembers.',
    labels: [],
    of: GATEWAYS,
    across: 'sum',
  },
  oathmesh_replay_cache_limit: {
    type: 'gauge',
    help: 'Used tokens that the memory store has room for; a full one refuses.',
    labels: [],
    of: GATEWAYS,
    across: 'sum',
  },
  oathmesh_policy_info: {
    type: 'gauge',
    help: '1 for the version that decides; policy is the file, or inline with the entity, and version the beginning of its SHA-256.',
    labels: ['policy', 'version'],
    of: GATEWAYS,
    across: 'max',
  },
  oathmesh_policy_rules: {
    type: 'gauge',
    help: 'Rules of the policy in the version that decides; 0 while none has been loaded, and with allow_all.',
    labels: ['policy'],
    of: GATEWAYS,
    across: 'min',
  },
  oathmesh_policy_reload_failures_total: {
    type: 'counter',
    help: 'Faults for which a version of the policy file was not loaded; the one before goes on deciding.',
    labels: ['policy'],
    of: GATEWAYS,
  },
  oathmesh_audit_lines_total: {
    type: 'counter',
    help: 'Audit lines; sink is the file, or host for the log of Kong and standard output; result is written or dropped.',
    labels: ['sink', 'result'],
    of: ALL,
  },

  // The plugin server
  oathmesh_open_events: {
    type: 'gauge',
    help: 'Requests that the plugin server is working on.',
    labels: [],
    of: ['kong'],
    across: 'sum',
  },
  oathmesh_server_refusals_total: {
    type: 'counter',
    help: 'Requests that the plugin server refused without a decision of the plugin.',
    labels: ['reason'],
    of: ['kong'],
  },
  oathmesh_instances: {
    type: 'gauge',
    help: 'Running plugin instances, or policies of the Envoy service.',
    labels: [],
    of: GATEWAYS,
    across: 'max',
  },
  oathmesh_workers: {
    type: 'gauge',
    help: 'Processes that serve requests now.',
    labels: [],
    of: GATEWAYS,
    across: 'sum',
  },

  // The issuer
  oathmesh_tokens_minted_total: {
    type: 'counter',
    help: 'Tokens minted; provider is the configured OIDC provider, or client for a caller with a secret.',
    labels: ['provider'],
    of: ['issuer'],
  },
  oathmesh_mint_refusals_total: {
    type: 'counter',
    help: 'Requests refused; provider is none before the caller is known, reason that of the audit line.',
    labels: ['provider', 'reason'],
    of: ['issuer'],
  },
  oathmesh_mint_duration_seconds: {
    type: 'histogram',
    help: 'Time of a request that was answered with a token, authentication included.',
    labels: [],
    of: ['issuer'],
  },
  oathmesh_key_rotation_due_seconds: {
    type: 'gauge',
    help: 'Seconds until the key that signs should have a successor that signs; negative when that is overdue.',
    labels: [],
    of: ['issuer'],
    across: 'min',
  },
  oathmesh_revocations_total: {
    type: 'counter',
    help: 'Changes of the revocation list; event is revoke or unrevoke.',
    labels: ['event'],
    of: ['issuer'],
  },

  // Every process
  oathmesh_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'How late timers fire in a process since the last scrape; quantile is 0.5, 0.99 or 1. worker counts from 0, and is parent for the process that hands out connections.',
    labels: ['worker', 'quantile'],
    of: ALL,
    across: 'max',
  },
  oathmesh_build_info: {
    type: 'gauge',
    help: '1; what is running. role is kong, envoy or issuer, wire that of the plugin server.',
    labels: ['version', 'role', 'wire', 'node'],
    of: ALL,
    across: 'max',
  },
  oathmesh_ed25519_info: {
    type: 'gauge',
    help: '1; what verifies signatures: node:crypto or sodium-native. Absent before the first instance.',
    labels: ['engine'],
    of: GATEWAYS,
    across: 'max',
  },
} as const satisfies Readonly<Record<string, MetricShape>>

type Metrics = typeof METRICS
export type MetricName = keyof Metrics

/** The names of one type. */
export type NameOf<Type extends MetricShape['type']> = {
  [Name in MetricName]: Metrics[Name]['type'] extends Type ? Name : never
}[MetricName]

/** The labels of a metric, each of which has to have a value. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<Metrics[Name]['labels'][number], string>
>
