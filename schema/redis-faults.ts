import { hostFault } from './host-fault.ts'
import type { PluginConfig } from './plugin-config.ts'

/** What does not hold within the settings of a Redis, as phrases that begin with the path of the field. */
export function redisFaults(redis: PluginConfig['redis'], path = 'redis'): readonly string[] {
  return [...togetherFaults(redis), ...hostFaults(redis)].map((fault) => `${path}.${fault}`)
}

function togetherFaults(redis: PluginConfig['redis']): readonly string[] {
  const { sentinel_master: master, sentinel_nodes: sentinels, cluster_nodes: cluster } = redis
  const faults = [...twiceFaults(redis)]
  if (sentinels !== undefined && master === undefined) {
    faults.push('sentinel_master: required with sentinel_nodes')
  }
  if (master !== undefined && sentinels === undefined) {
    faults.push('sentinel_nodes: required with sentinel_master')
  }
  if (cluster !== undefined && sentinels !== undefined) {
    faults.push('cluster_nodes: not together with sentinel_nodes')
  }
  if (cluster !== undefined && redis.database !== 0) {
    faults.push('database: must be 0 with cluster_nodes')
  }
  return faults
}

/** A secret has one place. */
function twiceFaults(redis: PluginConfig['redis']): readonly string[] {
  return (['password', 'sentinel_password'] as const)
    .filter((name) => redis[name] !== undefined && redis[`${name}_file`] !== undefined)
    .map((name) => `${name}_file: give either ${name} or ${name}_file`)
}

function hostFaults(redis: PluginConfig['redis']): readonly string[] {
  const { host, server_name, sentinel_nodes = [], cluster_nodes = [] } = redis
  const hosts: readonly (readonly [field: string, host: string])[] = [
    ['host', host],
    ...(server_name === undefined ? [] : [['server_name', server_name] as const]),
    ...sentinel_nodes.map((node, at) => [`sentinel_nodes[${at}].host`, node.host] as const),
    ...cluster_nodes.map((node, at) => [`cluster_nodes[${at}].ip`, node.ip] as const),
  ]
  return hosts.flatMap(([field, text]) => {
    const fault = hostFault(text)
    return fault === undefined ? [] : [`${field}: ${fault}`]
  })
}
