import { ClusterRedis } from './redis-cluster.ts'
import type { RedisLink } from './redis-link.ts'
import type { RedisPorts } from './redis-ports.ts'
import type { RedisSettings } from './redis-settings.ts'
import { SingleRedis } from './redis-single.ts'

/**
 * A link to the Redis of these settings, not opened yet. Throws `TypeError` with the field for
 * settings that cannot work.
 */
export function redisLink(settings: RedisSettings, ports: RedisPorts): RedisLink {
  const { clusterNodes, sentinelNodes } = settings
  if (clusterNodes === undefined) return new SingleRedis(settings, ports)
  if (sentinelNodes !== undefined) {
    throw new TypeError('redis.cluster_nodes: a Cluster is not found through sentinel_nodes')
  }
  return new ClusterRedis(settings, clusterNodes, ports)
}
