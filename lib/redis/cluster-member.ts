import type { Redis } from 'ioredis'
import { Connection, type Reach } from './connection.ts'
import type { Server } from './redis-link.ts'
import type { RedisPorts } from './redis-ports.ts'
import { Settling } from './settling.ts'

interface ClusterMemberOptions {
  readonly ports: RedisPorts
  readonly openingMs: number
  readonly identify: (client: Redis) => Promise<Server>
  readonly onUsable: () => void
  /** Told why it cannot be used; attempts are not its business. */
  readonly onFault: (cause: unknown) => void
  /** Its connection has ended, or fallen silent, and another is wanted. */
  readonly onEnd: (isSettling: boolean) => void
}

/** One server of a Cluster, over all its connections. */
export class ClusterMember {
  readonly #options: ClusterMemberOptions
  #client: Redis | undefined
  #connection: Connection | undefined
  /** What is known while there is no connection of use. */
  #isAway = false
  #settling: Settling | undefined
  #isTried = false

  constructor(options: ClusterMemberOptions) {
    this.#options = options
  }

  get server(): Server | undefined {
    return this.#connection?.server
  }

  get isAway(): boolean {
    return this.server === undefined ? this.#isAway : (this.#connection?.isSilent ?? false)
  }

  /** Whether an attempt has succeeded or failed. */
  get isTried(): boolean {
    return this.#isTried
  }

  get settling(): Promise<void> | undefined {
    return this.#settling?.over
  }

  /** Takes the client for the present connection to this server. */
  take(client: Redis): void {
    if (client === this.#client) return
    this.#client = client
    const { ports, openingMs, identify } = this.#options
    const connection: Connection = new Connection({
      client,
      identify,
      openingMs,
      stopwatch: ports.stopwatch,
      random: ports.random,
      fate: {
        onUsable: () => this.#use(),
        onSilence: (isSilent) => this.#heard(isSilent),
        onEnd: (cause, reach) => this.#ended(connection, cause, reach),
      },
    })
    this.#connection = connection
  }

  /** Takes note of whether a question that goes to this server is answered. */
  expect(ask: () => Promise<unknown>): Promise<unknown> {
    return this.#connection === undefined ? ask() : this.#connection.expect(ask)
  }

  /** Gives a silent connection up, so that another can be made. */
  giveUp(): void {
    if (this.#connection?.isSilent) this.#connection.end()
  }

  close(): void {
    this.#settle()
    const connection = this.#connection
    this.#connection = undefined
    connection?.end()
  }

  #use(): void {
    this.#isTried = true
    this.#settle()
    this.#options.onUsable()
  }

  #heard(isSilent: boolean): void {
    const { onFault, onUsable, onEnd } = this.#options
    if (!isSilent) {
      onUsable()
      return
    }
    onFault(new Error('no answer to anything for more than a second'))
    onEnd(false)
  }

  #ended(connection: Connection, cause: unknown, reach: Reach): void {
    if (connection !== this.#connection) return
    this.#connection = undefined
    if (reach === 'use' && !connection.isSilent) {
      const { stopwatch } = this.#options.ports
      this.#isAway = false
      this.#settling ??= new Settling({
        stopwatch,
        cause,
        isReached: () => this.#connection?.reach === 'somebody',
        onLapse: (why) => this.#missed(why, true),
      })
    } else if (this.#settling === undefined || reach !== 'somebody') {
      this.#missed(cause, reach !== 'refusal')
    } else {
      // An attempt may end for the reason for which the connection was lost.
      this.#settling.cause = cause
    }
    this.#options.onEnd(this.#settling !== undefined)
  }

  #missed(cause: unknown, isAway: boolean): void {
    this.#isTried = true
    this.#isAway = isAway
    this.#settle()
    this.#options.onFault(cause)
  }

  #settle(): void {
    this.#settling?.end()
    this.#settling = undefined
  }
}
