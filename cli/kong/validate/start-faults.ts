import { monotonic, systemClock } from '../../../lib/index.ts'
import { KeySetPool } from '../../../lib/keys/key-set-pool.ts'
import { compileRules } from '../../../lib/policy/compile.ts'
import { assertPolicyPath } from '../../../lib/policy/load-document.ts'
import { compileRequirements } from '../../../lib/policy/requirements.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { systemRandom } from '../../../lib/ports/random.ts'
import { RedisReplay } from '../../../lib/replay/redis-replay.ts'
import type { PluginConfig } from '../../../schema/plugin-config.ts'
import { toKeySettings, toRedisSettings, toTrustedIssuers } from '../../../schema/to-settings.ts'

/**
 * What the plugin would refuse when it starts an instance, beyond the schema. Nothing is fetched or
 * connected to, and files are left alone: they are the gateway's. Phrases that begin with a field.
 */
export function startFaults(config: PluginConfig): readonly string[] {
  return [
    () => compileRequirements(config.require),
    () => config.policy.rules && compileRules(config.policy.rules),
    () => config.policy.file && assertPolicyPath(config.policy.file),
    ...keySetsOf(config),
    () => openRedis(config),
  ].flatMap(faultOf)
}

function keySetsOf(config: PluginConfig): readonly (() => unknown)[] {
  const { caFile: _, ...settings } = toKeySettings(config)
  const issuers = toTrustedIssuers(config)
  const pool = new KeySetPool({ clock: systemClock, log: silentLog, maxSets: issuers.length })
  return issuers.map((issuer, at) => () => pool.keySet(issuer, settings, `issuers[${at}]`))
}

/** The link is made, not opened. */
function openRedis(config: PluginConfig): void {
  if (config.replay.store !== 'redis') return
  const {
    caFile: _,
    passwordFile: __,
    sentinelPasswordFile: ___,
    ...settings
  } = toRedisSettings(config)
  const redis = new RedisReplay({
    settings,
    clock: systemClock,
    log: silentLog,
    stopwatch: monotonic,
    random: systemRandom,
  })
  redis.store({
    keyFormat: config.replay.key_format,
    revocation: config.revocation.enabled,
    knownGoodSeconds: config.replay.known_good_window,
  })
}

function faultOf(attempt: () => unknown): readonly string[] {
  try {
    attempt()
    return []
  } catch (cause) {
    // Anything else is a fault of ours, and must not look like one of the operator's.
    if (cause instanceof TypeError || cause instanceof RangeError) return [cause.message]
    throw cause
  }
}
