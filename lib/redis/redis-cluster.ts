import { Cluster, Command, type Redis } from 'ioredis'
import { errorMessage } from '../error-message.ts'
import { Signal } from '../ports/signal.ts'
import { ClusterMember } from './cluster-member.ts'
import { notConnected } from './not-connected.ts'
import { Pace } from './pace.ts'
import { readRedisFiles } from './read-files.ts'
import { askInfo, ended } from './redis-client.ts'
import { RedisHealth } from './redis-health.ts'
import type { RedisCommand, RedisLink, RedisReport, Server } from './redis-link.ts'
import { redisName } from './redis-name.ts'
import { clusterOptions } from './redis-options.ts'
import type { RedisPorts } from './redis-ports.ts'
import type { RedisNode, RedisSettings } from './redis-settings.ts'

/** A Redis Cluster: keys are spread over its masters. */
export class ClusterRedis implements RedisLink {
  readonly sharded = true
  readonly name: string
  readonly #client: Cluster
  readonly #health: RedisHealth
  readonly #ports: RedisPorts
  readonly #openingMs: number
  readonly #pace: Pace
  readonly #listeners: (() => void)[] = []
  readonly #tried = new Signal()
  /** By `host:port`, for as long as the process lives: a Cluster's servers are few. */
  readonly #members = new Map<string, ClusterMember>()
  #isClosed = false

  /** Throws `TypeError` with the field for settings that cannot work. */
  constructor(settings: RedisSettings, nodes: readonly RedisNode[], ports: RedisPorts) {
    if (settings.database !== 0)
      throw new TypeError('redis.database: a Cluster has database 0 only')
    this.name = redisName(settings)
    this.#ports = ports
    this.#openingMs = settings.connectTimeoutMs
    this.#health = new RedisHealth(ports.log, this.name)
    this.#pace = new Pace({ ...ports, onDue: () => this.#refresh() })
    this.#client = new Cluster([...nodes], clusterOptions(readRedisFiles(settings)))
    this.#client.on('error', (cause) => this.#unreachable(cause))
    this.#client.on('+node', (node) => this.#added(node))
    this.#client.on('ready', () => this.#ready())
    this.#client.on('end', () => this.#pace.failed())
    // A promoted replica is connected already: only the map of slots tells.
    this.#client.on('refresh', () => this.#changed())
  }

  get report(): RedisReport {
    return this.#health.report
  }

  open(): Promise<void> {
    if (this.#client.status === 'wait') this.#refresh()
    return this.#tried.given
  }

  serverOf(key: string): Server | undefined {
    return this.#memberOf(key)?.server
  }

  isAway(key: string): boolean {
    return this.#memberOf(key)?.isAway ?? false
  }

  settling(key: string): Promise<void> | undefined {
    return this.#memberOf(key)?.settling
  }

  seek(): void {
    this.#pace.seek()
  }

  /** Not pipelined: a single command can follow a slot that is being moved, a pipeline cannot. */
  send([name, ...args]: RedisCommand): Promise<unknown> {
    // The client's own words for it name neither the server nor the reason.
    if (this.#client.status !== 'ready') return Promise.reject(notConnected(this.#health.cause))
    const ask = () => this.#client.call(name, ...args)
    const member = args[0] === undefined ? undefined : this.#memberOf(args[0])
    return member === undefined ? ask() : member.expect(ask)
  }

  onServer(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#pace.close()
    const gone = ended(this.#client)
    for (const member of this.#members.values()) member.close()
    await gone
  }

  #memberOf(key: string): ClusterMember | undefined {
    const slot = new Command('get', [key]).getSlot()
    const master = slot === null ? undefined : this.#client.slots[slot]?.[0]
    return master === undefined ? undefined : this.#members.get(master)
  }

  /**
   * Servers are connected to once the map of slots is there, and not before: among those added earlier
   * are the configured ones, which need not be servers of the Cluster at all.
   */
  #added(node: Redis): void {
    if (this.#client.status === 'ready') this.#watch(node)
  }

  /** Connects to replicas as well: one that is promoted can then be used at once. */
  #ready(): void {
    for (const node of this.#client.nodes()) this.#watch(node)
    if (this.#masters().size > 0) return
    this.#unreachable(
      new Error(
        'it names no addresses: set cluster-preferred-endpoint-type or cluster-announce-ip',
      ),
    )
  }

  #watch(node: Redis): void {
    if (this.#isClosed) return
    const name = `${node.options.host}:${node.options.port}`
    const member = this.#members.get(name) ?? this.#newMember(name)
    member.take(node)
  }

  #newMember(name: string): ClusterMember {
    const member = new ClusterMember({
      ports: this.#ports,
      openingMs: this.#openingMs,
      identify: async (client) => this.#health.identify(await askInfo(client), 'any'),
      onUsable: () => this.#changed(),
      onFault: (cause) => this.#faulty(name, cause),
      onEnd: (isSettling) => this.#ended(isSettling),
    })
    this.#members.set(name, member)
    return member
  }

  /** Has the Cluster say anew who holds what, and connects to whoever is not connected to. */
  #refresh(): void {
    if (this.#isClosed) return
    this.#pace.begun()
    for (const member of this.#members.values()) member.giveUp()
    const { status } = this.#client
    if (status === 'ready') {
      this.#client.refreshSlotsCache((cause) => {
        if (cause != null) this.#pace.failed()
      })
    } else if (status === 'wait' || status === 'end') {
      this.#client.connect().catch((cause) => this.#unreachable(cause))
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
    if (this.#client.status !== 'ready') return
    const masters = [...this.#masters()].map((name) => this.#members.get(name))
    if (masters.every((master) => master?.isTried)) this.#tried.give()
    if (masters.some((master) => master?.server === undefined || master.isAway)) return
    this.#pace.succeeded()
    this.#health.usable()
  }

  #masters(): ReadonlySet<string> {
    return new Set(this.#client.slots.flatMap(([master]) => master ?? []))
  }

  #faulty(name: string, cause: unknown): void {
    // What holds no keys is nobody's loss.
    if (this.#masters().has(name)) this.#health.fault(new Error(unusable(name, cause)))
    this.#changed()
  }

  /** Another may be master already, or it may only have hung up. */
  #ended(isSettling: boolean): void {
    if (this.#isClosed) return
    if (isSettling) this.#pace.soon()
    else this.#pace.failed()
  }

  #unreachable(cause: unknown): void {
    this.#health.fault(cause)
    this.#tried.give()
  }
}

// Which address that is, is the Cluster's to say and not the configuration's.
function unusable(name: string, cause: unknown): string {
  return (
    `${name}: ${errorMessage(cause)} (the Cluster announces this address, and it is used as it is:` +
    ' where gateways cannot reach it, set cluster-announce-ip, -port or -hostname on the server)'
  )
}
