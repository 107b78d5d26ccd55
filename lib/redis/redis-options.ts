import type { ConnectionOptions } from 'node:tls'
import type { ClusterOptions, RedisOptions } from 'ioredis'
import type { ReadRedisSettings } from './read-files.ts'
import type { RedisNode } from './redis-settings.ts'

/** For a peer to answer the end of a connection. */
const GOODBYE_MS = 300

/** Without what would change the type of replies. */
type Options = Omit<RedisOptions, 'replyMapping'>

/** What a connection to any one server needs. */
export function nodeOptions(settings: ReadRedisSettings): Options {
  const { username, password, ssl, connectTimeoutMs } = settings
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ssl && { tls: tlsOptions(settings) }),
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: GOODBYE_MS,
    // A command repeated on another connection could find its own record and look like a replay.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Ours asks as well, and knows what to make of a server that keeps INFO to itself.
    enableReadyCheck: false,
    // One dialect for all: RESP3 gains nothing here and some proxies do not speak it.
    protocol: 2,
    disableClientInfo: true,
    lazyConnect: true,
  }
}

/**
 * The options for one connection to a single server, or to the master that Sentinel names. Each
 * `attempt` begins with another Sentinel: one that is cut off may name a master of the past for ever.
 * Throws `TypeError` when settings contradict each other.
 */
export function singleOptions(settings: ReadRedisSettings, attempt: number): Options {
  const { host, port, unixSocket, sentinelNodes } = settings
  return {
    ...nodeOptions(settings),
    ...(sentinelNodes === undefined
      ? unixSocket === undefined
        ? { host, port }
        : { path: unixSocket }
      : sentinelOptions(settings, rotated(sentinelNodes, attempt))),
    // Waiting in a queue for a server that is away would outlast every deadline.
    enableOfflineQueue: false,
    retryStrategy: () => null,
  }
}

const MAX_REDIRECTIONS = 5
/** Before a command goes to another node: short, since the claim's deadline is running. */
const REDIRECT_DELAY_MS = 20
const TOPOLOGY_REFRESH_MS = 5000

/** The options for a Cluster; when to connect anew is not its business. */
export function clusterOptions(
  settings: ReadRedisSettings,
): Omit<ClusterOptions, 'redisOptions'> & { readonly redisOptions: Options } {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    // A part of a Cluster that is down must not keep the others from being used.
    enableReadyCheck: false,
    redisOptions: nodeOptions(settings),
    maxRedirections: settings.clusterMaxRedirections ?? MAX_REDIRECTIONS,
    retryDelayOnFailover: REDIRECT_DELAY_MS,
    retryDelayOnClusterDown: REDIRECT_DELAY_MS,
    retryDelayOnTryAgain: REDIRECT_DELAY_MS,
    slotsRefreshTimeout: settings.connectTimeoutMs,
    slotsRefreshInterval: TOPOLOGY_REFRESH_MS,
    clusterRetryStrategy: () => null,
    // Names are left to the connections: certificates carry them, and one that does not resolve must
    // not keep the other nodes from being asked.
    dnsLookup: (host, resolve) => resolve(null, host),
  }
}

function sentinelOptions(settings: ReadRedisSettings, nodes: readonly RedisNode[]): Options {
  const { sentinelMaster, sentinelUsername, sentinelPassword, ssl, connectTimeoutMs } = settings
  if (sentinelMaster === undefined) {
    throw new TypeError('redis.sentinel_master: needed with sentinel_nodes')
  }
  return {
    sentinels: nodes.map(({ host, port }) => ({ host, port })),
    name: sentinelMaster,
    role: 'master',
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(ssl && { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(settings) }),
    sentinelCommandTimeout: connectTimeoutMs,
    sentinelRetryStrategy: () => null,
  }
}

function tlsOptions({ sslVerify, serverName, ca }: ReadRedisSettings): ConnectionOptions {
  return {
    rejectUnauthorized: sslVerify,
    ...(serverName !== undefined && { servername: serverName }),
    ...(ca !== undefined && { ca }),
  }
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = items.length === 0 ? 0 : by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}
