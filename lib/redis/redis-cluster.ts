import { Cluster, Command, type Redis } from 'ioredis'
import type { Log } from '../ports/log.ts'
import { Signal } from '../ports/signal.ts'
import { askInfo, ended } from './redis-client.ts'
import { RedisHealth } from './redis-health.ts'
import type { RedisCommand, RedisLink, Server } from './redis-link.ts'
import { nodeOptions, type Random, retryDelayMs } from './redis-options.ts'
import type { RedisNode, RedisSettings } from './redis-settings.ts'

const MAX_REDIRECTIONS = 5
/** Before a command goes to another node: short, since the claim's deadline is running. */
const REDIRECT_DELAY_MS = 20
const TOPOLOGY_REFRESH_MS = 5000

/** A Redis Cluster: keys are spread over its masters. */
export class ClusterRedis implements RedisLink {
  readonly sharded = true
  readonly #client: Cluster
  readonly #health: RedisHealth
  readonly #listeners: (() => void)[] = []
  readonly #tried = new Signal()
  /** Identity of each server by `host:port`, for as long as its connection lasts. */
  readonly #servers = new Map<string, Server>()

  constructor(settings: RedisSettings, nodes: readonly RedisNode[], log: Log, random: Random) {
    if (settings.database !== 0)
      throw new TypeError('redis.database: a Cluster has database 0 only')
    this.#health = new RedisHealth(log)
    this.#client = new Cluster([...nodes], {
      lazyConnect: true,
      enableOfflineQueue: false,
      redisOptions: nodeOptions(settings),
      maxRedirections: settings.clusterMaxRedirections ?? MAX_REDIRECTIONS,
      retryDelayOnFailover: REDIRECT_DELAY_MS,
      retryDelayOnClusterDown: REDIRECT_DELAY_MS,
      retryDelayOnTryAgain: REDIRECT_DELAY_MS,
      slotsRefreshTimeout: settings.connectTimeoutMs,
      slotsRefreshInterval: TOPOLOGY_REFRESH_MS,
      clusterRetryStrategy: (times) => retryDelayMs(times, random),
      // Certificates carry names: resolving them early would leave only addresses to verify.
      ...(settings.ssl && { dnsLookup: (host, resolve) => resolve(null, host) }),
    })
    this.#client.on('error', (cause) => this.#failed(cause))
    this.#client.on('node error', (cause) => this.#nodeFailed(cause))
    this.#client.on('+node', (node) => this.#watch(node))
    this.#client.on('ready', () => this.#completed())
    // A promoted replica is connected already: only the map of slots tells.
    this.#client.on('refresh', () => this.#notify())
  }

  open(): Promise<void> {
    if (this.#client.status === 'wait') {
      this.#client.connect().catch((cause) => this.#failed(cause))
    }
    return this.#tried.given
  }

  serverOf(key: string): Server | undefined {
    const slot = new Command('get', [key]).getSlot()
    const master = slot === null ? undefined : this.#client.slots[slot]?.[0]
    return master === undefined ? undefined : this.#servers.get(master)
  }

  /** Not pipelined: a single command can follow a slot that is being moved, a pipeline cannot. */
  send([name, ...args]: RedisCommand): Promise<unknown> {
    return this.#client.call(name, ...args)
  }

  onServer(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    await ended(this.#client)
  }

  /** Connects to replicas as well: one that is promoted can then be used at once. */
  #watch(node: Redis): void {
    const { host, port } = node.options
    const name = `${host}:${port}`
    node.on('close', () => this.#servers.delete(name))
    node.on('ready', () => void this.#inspect(node, name))
    if (node.status === 'wait') node.connect().catch((cause) => this.#nodeFailed(cause))
  }

  async #inspect(node: Redis, name: string): Promise<void> {
    try {
      const server = this.#health.identify(await askInfo(node), 'any')
      if (node.status !== 'ready') return
      this.#servers.set(name, server)
      this.#notify()
      this.#completed()
    } catch (cause) {
      this.#nodeFailed(cause)
    }
  }

  #completed(): void {
    if (this.#client.status !== 'ready') return
    const masters = this.#client.nodes('master')
    if (!masters.every(({ options }) => this.#servers.has(`${options.host}:${options.port}`)))
      return
    this.#health.usable()
    this.#tried.give()
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }

  #nodeFailed(cause: unknown): void {
    this.#health.fault(cause)
  }

  #failed(cause: unknown): void {
    this.#health.fault(cause)
    this.#tried.give()
  }
}
