import { ConfigFaults } from '../../../schema/config-faults.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import type { PluginConfig } from '../../../schema/plugin-config.ts'

/** What a service calls itself in `WWW-Authenticate` unless it says otherwise; the gateways' default is Kong's. */
const REALM = { realm: 'oathmesh' }

/** A configuration of the gateways' own schema, with its defaults. Throws `TypeError` that names every faulty field. */
export function readConfig(raw: unknown): PluginConfig {
  const isRecord = typeof raw === 'object' && raw !== null && !Array.isArray(raw)
  const config = parseConfig(isRecord ? { ...REALM, ...raw } : raw)
  const faults = [
    ...(config.consumer.by === 'off' ? [] : ['consumer: a service has no consumers; leave it out']),
    ...(config.audit.serialize ? ['audit.serialize: is for Kong’s own log; leave it out'] : []),
  ]
  if (faults.length > 0) throw new ConfigFaults(faults)
  return config
}
