import { ReplyError } from 'ioredis'
import type { RedisCommand, RedisLink } from '../../../lib/redis/redis-link.ts'

export type Mode = 'up' | 'paused' | 'refusing' | 'silent' | 'down'

/** A Redis in this process, with a clock and states that are set by hand. */
export class SimulatedRedis implements RedisLink {
  readonly name = 'simulated'
  readonly sharded = false
  readonly report = { state: 'up', became_up: 1, became_away: 0 } as const
  mode: Mode = 'up'
  readonly revoked = new Set<string>()
  /** Keys of the records that were found to be there already, in an answer that came late. */
  readonly lateSeen = new Set<string>()
  readonly #elapsedMs: () => number
  #records = new Map<string, number>()
  #epoch: string | null = null
  #starts = 1
  /** What has been asked and not been answered yet, in order. */
  #held: (() => void)[] = []

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  open = async () => {}
  close = async () => {}
  onServer = () => {}
  seek = () => {}
  settling = () => undefined
  serverOf = () => (this.mode === 'down' ? undefined : `server-${this.#starts}`)
  isAway = () => this.mode === 'down' || this.mode === 'silent'

  send(command: RedisCommand): Promise<unknown> {
    if (this.mode === 'down') return Promise.reject(new Error('Connection is closed.'))
    if (this.mode === 'refusing') return Promise.reject(new ReplyError('OOM command not allowed'))
    if (this.mode === 'up') return Promise.resolve(this.#execute(command))
    return new Promise((resolve) => {
      this.#held.push(() => {
        const reply = this.#execute(command)
        if (reply === 'seen') this.lateSeen.add(command[3] ?? '')
        resolve(reply)
      })
    })
  }

  /** Answers whatever waits, and serves from now on. */
  resume(): void {
    this.mode = 'up'
    for (const answer of this.#held.splice(0)) answer()
  }

  /** What waits is never answered. */
  kill(): void {
    this.mode = 'down'
    this.#held = []
  }

  restart(memory: 'kept' | 'lost'): void {
    if (memory === 'lost') this.forget()
    this.#starts += 1
    this.mode = 'up'
  }

  forget(): void {
    this.#records = new Map()
    this.#epoch = null
  }

  #execute([name, ...args]: RedisCommand): unknown {
    if (name === 'evalsha') return this.#claim(args)
    if (name === 'get') return this.#epoch
    if (name === 'set') return this.#setEpoch(args)
    throw new Error(`no command ${name}`)
  }

  #claim([, , record = '', , , lifetimeMs = '', subject = '']: readonly string[]): unknown {
    if (this.revoked.has(subject)) return 'revoked'
    if ((this.#records.get(record) ?? 0) > this.#elapsedMs()) return 'seen'
    this.#records.set(record, this.#elapsedMs() + Number(lifetimeMs))
    return this.#epoch
  }

  #setEpoch([, mark = '', condition]: readonly string[]): unknown {
    if (condition === 'NX' && this.#epoch !== null) return null
    this.#epoch = mark
    return 'OK'
  }
}
