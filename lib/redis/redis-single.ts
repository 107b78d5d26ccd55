import { Redis } from 'ioredis'
import { errorMessage } from '../error-message.ts'
import type { Log } from '../ports/log.ts'
import { Signal } from '../ports/signal.ts'
import { askInfo, ended } from './redis-client.ts'
import { RedisHealth } from './redis-health.ts'
import type { RedisCommand, RedisLink, Server } from './redis-link.ts'
import { type Random, singleOptions } from './redis-options.ts'
import type { RedisSettings } from './redis-settings.ts'

/** One server, or the one that Sentinel calls master at the time. */
export class SingleRedis implements RedisLink {
  readonly sharded = false
  readonly #client: Redis
  readonly #database: number
  readonly #health: RedisHealth
  readonly #listeners: (() => void)[] = []
  readonly #tried = new Signal()
  #server: Server | undefined
  /** Counts connections, so that a late reply is not taken for news of the present one. */
  #connection = 0

  constructor(settings: RedisSettings, log: Log, random: Random) {
    this.#client = new Redis(singleOptions(settings, random))
    this.#database = settings.database
    this.#health = new RedisHealth(log)
    this.#client.on('error', (cause) => this.#failed(cause))
    this.#client.on('close', () => this.#lost())
    this.#client.on('ready', () => void this.#inspect())
  }

  open(): Promise<void> {
    if (this.#client.status === 'wait') {
      this.#client.connect().catch((cause) => this.#failed(cause))
    }
    return this.#tried.given
  }

  serverOf(): Server | undefined {
    return this.#server
  }

  async send([name, ...args]: RedisCommand): Promise<unknown> {
    if (this.#server === undefined) throw new Error('Redis is not connected')
    try {
      return await this.#client.call(name, ...args)
    } catch (cause) {
      if (errorMessage(cause).includes('READONLY')) this.#leave()
      throw cause
    }
  }

  onServer(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    await ended(this.#client)
  }

  /** No claim goes to a server before it is known which one it is. */
  async #inspect(): Promise<void> {
    const connection = this.#connection
    try {
      // A failed SELECT would otherwise leave the records in database 0.
      if (this.#database > 0) await this.#client.select(this.#database)
      const server = this.#health.identify(await askInfo(this.#client), 'master')
      if (connection !== this.#connection) return
      this.#server = server
      this.#health.usable()
      for (const listener of this.#listeners) listener()
      this.#tried.give()
    } catch (cause) {
      this.#failed(cause)
    }
  }

  /** A demoted master keeps its connections; a new one leads to the master of now. */
  #leave(): void {
    if (this.#server === undefined) return
    this.#lost()
    this.#client.disconnect(true)
  }

  #lost(): void {
    this.#connection += 1
    this.#server = undefined
  }

  #failed(cause: unknown): void {
    this.#health.fault(cause)
    this.#tried.give()
  }
}
