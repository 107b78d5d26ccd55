import { Redis } from 'ioredis'
import { errorMessage } from '../error-message.ts'
import { Signal } from '../ports/signal.ts'
import { Connection, type Reach } from './connection.ts'
import { notConnected } from './not-connected.ts'
import { Pace } from './pace.ts'
import { type ReadRedisSettings, readRedisFiles } from './read-files.ts'
import { askInfo } from './redis-client.ts'
import { RedisHealth } from './redis-health.ts'
import type { RedisCommand, RedisLink, RedisReport, Server } from './redis-link.ts'
import { redisName } from './redis-name.ts'
import { singleOptions } from './redis-options.ts'
import type { RedisPorts } from './redis-ports.ts'
import type { RedisSettings } from './redis-settings.ts'
import { Settling } from './settling.ts'

/** For answers that are still under way on a connection that another has replaced. */
const FAREWELL_MS = 2000
/** A replica that says it is read-only is left for the master of now, at most this often. */
const LEAVE_MS = 1000

/** One server, or the one that Sentinel calls master at the time. */
export class SingleRedis implements RedisLink {
  readonly sharded = false
  readonly name: string
  readonly #settings: RedisSettings
  /** As the files were when they could last be read. */
  #read: ReadRedisSettings
  readonly #ports: RedisPorts
  readonly #health: RedisHealth
  readonly #pace: Pace
  readonly #listeners: (() => void)[] = []
  readonly #tried = new Signal()
  readonly #connections = new Set<Connection>()
  #attempts = 0
  #isOpen = false
  #current: Connection | undefined
  #next: Connection | undefined
  /** What is known while there is no connection. */
  #isAway = false
  #settling: Settling | undefined
  #leftAt = Number.NEGATIVE_INFINITY

  /** Throws `TypeError` with the field for settings that cannot work. */
  constructor(settings: RedisSettings, ports: RedisPorts) {
    this.name = redisName(settings)
    this.#settings = settings
    this.#ports = ports
    this.#health = new RedisHealth(ports.log, this.name)
    this.#pace = new Pace({ ...ports, onDue: () => this.#attempt() })
    this.#read = readRedisFiles(settings)
    singleOptions(this.#read, this.#attempts)
  }

  get report(): RedisReport {
    return this.#health.report
  }

  open(): Promise<void> {
    if (!this.#isOpen) {
      this.#isOpen = true
      this.#attempt()
    }
    return this.#tried.given
  }

  serverOf(): Server | undefined {
    return this.#current?.server
  }

  isAway(): boolean {
    return this.#current === undefined ? this.#isAway : this.#current.isSilent
  }

  settling(): Promise<void> | undefined {
    return this.#settling?.over
  }

  seek(): void {
    this.#pace.seek()
  }

  async send(command: RedisCommand): Promise<unknown> {
    const connection = this.#current
    if (connection === undefined) throw notConnected(this.#health.cause)
    try {
      return await connection.send(command)
    } catch (cause) {
      if (errorMessage(cause).includes('READONLY')) this.#leave(connection, cause)
      throw cause
    }
  }

  onServer(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.#pace.close()
    this.#settle()
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  #attempt(): void {
    if (!this.#isOpen || this.#next !== undefined) return
    this.#pace.begun()
    const { stopwatch, random } = this.#ports
    const { connectTimeoutMs, sentinelNodes = [] } = this.#settings
    const connection: Connection = new Connection({
      client: new Redis(singleOptions(this.#readAnew(), this.#attempts)),
      identify: (opened) => this.#identify(opened),
      openingMs: connectTimeoutMs * (1 + sentinelNodes.length),
      stopwatch,
      random,
      fate: {
        onUsable: () => this.#use(connection),
        onSilence: (isSilent) => this.#heard(connection, isSilent),
        onEnd: (cause, reach) => this.#ended(connection, cause, reach),
      },
    })
    this.#attempts += 1
    this.#next = connection
    this.#connections.add(connection)
  }

  /** A password that has been replaced counts from the next connection on. */
  #readAnew(): ReadRedisSettings {
    try {
      this.#read = readRedisFiles(this.#settings)
    } catch (cause) {
      const { log } = this.#ports
      log.warn('a file of the Redis settings cannot be read: what it held before is used', {
        redis: this.name,
        cause: errorMessage(cause),
      })
    }
    return this.#read
  }

  /** No claim goes to a server before it is known which one it is. */
  async #identify(client: Redis): Promise<Server> {
    const { database, sentinelNodes } = this.#settings
    // A failed SELECT would otherwise leave the records in database 0.
    if (database > 0) await client.select(database)
    const expected = sentinelNodes === undefined ? 'master' : 'master for sure'
    return this.#health.identify(await askInfo(client), expected)
  }

  #use(connection: Connection): void {
    const former = this.#current
    this.#current = connection
    this.#next = undefined
    this.#pace.succeeded()
    this.#settle()
    if (former !== undefined) setTimeout(() => former.end(), FAREWELL_MS).unref()
    this.#health.usable()
    for (const listener of this.#listeners) listener()
    this.#tried.give()
  }

  /** A silent connection is kept beside the attempts at another: a late answer is worth hearing. */
  #heard(connection: Connection, isSilent: boolean): void {
    if (connection !== this.#current) return
    if (isSilent) {
      this.#health.fault(new Error('no answer to anything for more than a second'))
      this.#attempt()
    } else this.#resumed()
  }

  #resumed(): void {
    const needless = this.#next
    this.#next = undefined
    needless?.end()
    this.#pace.succeeded()
    this.#health.usable()
  }

  #ended(connection: Connection, cause: unknown, reach: Reach): void {
    this.#connections.delete(connection)
    if (!this.#isOpen) return
    if (connection === this.#current) this.#lost(connection, cause)
    else if (connection === this.#next) this.#failed(cause, reach)
  }

  #lost(connection: Connection, cause: unknown): void {
    this.#current = undefined
    this.#isAway = connection.isSilent
    const { stopwatch } = this.#ports
    this.#settling ??= new Settling({
      stopwatch,
      cause,
      isReached: () => this.#next?.reach === 'somebody',
      onLapse: (why) => this.#missed(why, true),
    })
    this.#attempt()
  }

  #failed(cause: unknown, reach: Reach): void {
    this.#next = undefined
    if (this.#settling === undefined || reach !== 'somebody') {
      this.#pace.failed()
      this.#missed(cause, reach !== 'refusal')
    } else {
      // An attempt may end for the reason for which the connection was lost.
      this.#settling.cause = cause
      this.#pace.soon()
    }
    this.#tried.give()
  }

  #missed(cause: unknown, isAway: boolean): void {
    this.#isAway = isAway
    this.#settle()
    this.#health.fault(cause)
  }

  #settle(): void {
    this.#settling?.end()
    this.#settling = undefined
  }

  /** A demoted master keeps its connections; a new one leads to the master of now. It is not away. */
  #leave(connection: Connection, cause: unknown): void {
    const now = this.#ports.stopwatch()
    if (connection !== this.#current || now - this.#leftAt < LEAVE_MS) return
    this.#leftAt = now
    this.#current = undefined
    this.#isAway = false
    connection.end(cause)
    this.#attempt()
  }
}
