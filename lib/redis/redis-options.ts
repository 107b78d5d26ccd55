import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { RedisOptions } from 'ioredis'
import { errorMessage } from '../error-message.ts'
import type { RedisNode, RedisSettings } from './redis-settings.ts'

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 2000
const SHORTEST_SILENCE_MS = 1000
/** For a peer to answer the end of a connection. */
const GOODBYE_MS = 300

/** Without what would change the type of replies. */
type Options = Omit<RedisOptions, 'replyMapping'>

/** Uniform in [0, 1). */
export type Random = () => number

/**
 * What a connection to any one server needs. Throws `TypeError` when the CA file cannot be read or
 * settings contradict each other.
 */
export function nodeOptions(settings: RedisSettings): Options {
  const { username, password, ssl, timeoutMs, connectTimeoutMs } = settings
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ssl && { tls: tlsOptions(settings) }),
    connectTimeout: connectTimeoutMs,
    // A peer that has vanished without a word is found out by its silence, long before TCP would.
    socketTimeout: Math.max(SHORTEST_SILENCE_MS, 2 * timeoutMs),
    disconnectTimeout: GOODBYE_MS,
    // A command repeated on another connection could find its own record and look like a replay.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // One dialect for all: RESP3 gains nothing here and some proxies do not speak it.
    protocol: 2,
    disableClientInfo: true,
    lazyConnect: true,
  }
}

/** The options for a single server, or for the master that Sentinel names. */
export function singleOptions(settings: RedisSettings, random: Random): Options {
  const { host, port, unixSocket, database, sentinelNodes } = settings
  return {
    ...nodeOptions(settings),
    ...(sentinelNodes === undefined
      ? unixSocket === undefined
        ? { host, port }
        : { path: unixSocket }
      : sentinelOptions(settings, sentinelNodes, random)),
    db: database,
    // Waiting in a queue for a server that is away would outlast every deadline.
    enableOfflineQueue: false,
    retryStrategy: (times) => retryDelayMs(times, random),
  }
}

/** Milliseconds before attempt `times`: doubling and capped, half of it by chance. */
export function retryDelayMs(times: number, random: Random): number {
  const most = Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LONGEST_RETRY_MS)
  return Math.round(most / 2 + (random() * most) / 2)
}

function sentinelOptions(
  settings: RedisSettings,
  nodes: readonly RedisNode[],
  random: Random,
): Options {
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
    sentinelRetryStrategy: (times) => retryDelayMs(times, random),
  }
}

function tlsOptions({ sslVerify, serverName, caFile }: RedisSettings): ConnectionOptions {
  return {
    rejectUnauthorized: sslVerify,
    ...(serverName !== undefined && { servername: serverName }),
    ...(caFile !== undefined && { ca: readAuthorities(caFile) }),
  }
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TypeError(`redis.ca_file: ${errorMessage(cause)}`, { cause })
  }
}
