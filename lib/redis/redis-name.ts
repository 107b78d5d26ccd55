import type { RedisNode, RedisSettings } from './redis-settings.ts'

/** Which Redis settings speak of, for an operator who may have several. Holds no credentials. */
export function redisName(settings: RedisSettings): string {
  const { host, port, unixSocket, clusterNodes, sentinelNodes, sentinelMaster } = settings
  if (clusterNodes !== undefined) return `Cluster at ${addresses(clusterNodes)}`
  if (sentinelNodes !== undefined) {
    return `${sentinelMaster} by Sentinel at ${addresses(sentinelNodes)}`
  }
  return unixSocket ?? `${host}:${port}`
}

function addresses(nodes: readonly RedisNode[]): string {
  return nodes.map(({ host, port }) => `${host}:${port}`).join(', ')
}
