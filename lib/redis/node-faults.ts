import { Redis } from 'ioredis'
import { type ReadRedisSettings, readRedisFiles } from './read-files.ts'
import { redisCause } from './redis-cause.ts'
import { nodeOptions } from './redis-options.ts'
import type { RedisNode, RedisSettings } from './redis-settings.ts'

/**
 * What is wrong with each of the servers through which a Cluster or a master is found, as
 * `host:port: cause`; none where every one of them answers. For an operator who asks why: the client
 * itself says of such a server only that the connection is closed.
 */
export async function nodeFaults(settings: RedisSettings): Promise<readonly string[]> {
  const { clusterNodes, sentinelNodes } = settings
  const nodes = clusterNodes ?? sentinelNodes ?? []
  const faults = await Promise.all(nodes.map((node) => faultOf(node, settings)))
  return faults.filter((fault) => fault !== undefined)
}

async function faultOf(node: RedisNode, settings: RedisSettings): Promise<string | undefined> {
  const client = new Redis({
    ...nodeOptions(credentialsFor(readRedisFiles(settings))),
    ...node,
    ...ONCE,
  })
  const causes: unknown[] = []
  client.on('error', (cause) => causes.push(cause))
  try {
    await client.connect()
    await client.ping()
    return undefined
  } catch (cause) {
    // The first is what happened; what is thrown may only say that the connection is closed.
    return `${node.host}:${node.port}: ${redisCause(causes[0] ?? cause)}`
  } finally {
    client.disconnect()
  }
}

const ONCE = { retryStrategy: () => null, enableOfflineQueue: false }

/** Sentinels have a user and a password of their own. */
function credentialsFor(settings: ReadRedisSettings): ReadRedisSettings {
  if (settings.sentinelNodes === undefined) return settings
  const { username, password, sentinelUsername, sentinelPassword, ...rest } = settings
  return {
    ...rest,
    ...(sentinelUsername !== undefined && { username: sentinelUsername }),
    ...(sentinelPassword !== undefined && { password: sentinelPassword }),
  }
}
