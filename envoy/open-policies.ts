import { openGateway, type Resources } from '../lib/index.ts'
import type { PluginConfig } from '../schema/plugin-config.ts'
import { toGatewaySettings } from '../schema/to-settings.ts'
import type { NamedPolicies, NamedPolicy } from './named-policy.ts'
import { readConfig } from './read-config.ts'

/**
 * Opens each configuration under its name. Throws a `TypeError` that names the policy, its file and every faulty
 * field: a service that starts has understood all of them.
 */
export function openPolicies(
  files: ReadonlyMap<string, string>,
  resources: Resources,
): NamedPolicies {
  const policies = new Map<string, NamedPolicy>()
  for (const [name, file] of files) {
    const open = (config: PluginConfig) => openPolicy(name, config, resources)
    policies.set(
      name,
      saying(name, file, () => open(readConfig(file))),
    )
  }
  return policies
}

function openPolicy(name: string, config: PluginConfig, resources: Resources): NamedPolicy {
  const settings = toGatewaySettings(config, name)
  return {
    name,
    gateway: openGateway(settings, resources),
    deadlineMs: config.deadline_ms,
    maxBodyBytes: config.request_binding.mode === 'off' ? 0 : config.request_binding.max_body_bytes,
  }
}

/**
 * For processes that share nothing: throws a `TypeError` for a configuration whose used tokens only one of them would
 * know, since each process would accept each token once.
 */
export function assertSharedReplay(files: ReadonlyMap<string, string>): void {
  for (const [name, file] of files) {
    saying(name, file, () => {
      if (readConfig(file).replay.store === 'redis') return
      throw new TypeError('replay.store: must be redis with more than one of --workers')
    })
  }
}

function saying<T>(name: string, file: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`policy "${name}" (${file}): ${text}`, { cause })
  }
}
