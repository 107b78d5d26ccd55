import type { Redis } from 'ioredis'
import type { Random } from '../ports/random.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'
import { isAnswer } from './answer.ts'
import { ended } from './redis-client.ts'
import type { RedisCommand, Server } from './redis-link.ts'
import { Silence } from './silence.ts'

/** What becomes of a connection; each is told at most once, `onEnd` last. */
interface ConnectionFate {
  /** It is known which server is there, and commands may be sent. */
  onUsable(): void
  /** The server has stopped, or resumed, answering. */
  onSilence(isSilent: boolean): void
  onEnd(cause: unknown, reach: Reach): void
}

/**
 * How far a connection had come: to nobody; to somebody who said nothing; to a server that refused us; to
 * one that was of use.
 */
export type Reach = 'nobody' | 'somebody' | 'refusal' | 'use'

interface ConnectionOptions {
  /** One that does not connect again by itself. */
  readonly client: Redis
  /** Finds out who answers, and throws when that is of no use. */
  readonly identify: (client: Redis) => Promise<Server>
  /** Bound on all that is needed before the connection is of use. */
  readonly openingMs: number
  readonly stopwatch: Stopwatch
  readonly random: Random
  readonly fate: ConnectionFate
}

/**
 * One connection, from its opening to its end: it never becomes another, so what is heard from it is
 * heard from the server that was asked.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #silence: Silence
  readonly #deadline: NodeJS.Timeout
  #server: Server | undefined
  #cause: unknown
  #reach: Reach = 'nobody'
  #isOver = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { client, stopwatch, random, openingMs, fate } = options
    this.#silence = new Silence({
      stopwatch,
      random,
      ask: () => void this.send(['ping']).catch(() => undefined),
      onChange: (isSilent) => fate.onSilence(isSilent),
    })
    client.on('error', (cause) => this.#note(cause))
    client.on('connect', () => this.#reached('somebody'))
    client.on('ready', () => void this.#opened())
    client.on('end', () => this.#over())
    const lapse = () => this.end(new Error(`no connection within ${openingMs} ms`))
    this.#deadline = setTimeout(() => setImmediate(lapse), openingMs)
    if (client.status === 'ready') setImmediate(() => void this.#opened())
    if (client.status === 'wait') client.connect().catch((cause) => this.#note(cause))
  }

  /** Undefined unless commands can be sent. */
  get server(): Server | undefined {
    return this.#server
  }

  get reach(): Reach {
    return this.#reach
  }

  get isSilent(): boolean {
    return this.#silence.isSilent
  }

  async send([name, ...args]: RedisCommand): Promise<unknown> {
    const { client } = this.#options
    try {
      return await this.expect(() => client.call(name, ...args))
    } catch (cause) {
      // The server has hung up, and the event that says so is still on its way.
      if (client.status === 'ready' && !isAnswer(cause)) this.end(cause)
      throw cause
    }
  }

  /** Takes note of whether a question, sent to this server by whatever way, is answered. */
  async expect(ask: () => Promise<unknown>): Promise<unknown> {
    this.#silence.asked()
    let isAnswered = false
    try {
      const reply = await ask()
      isAnswered = true
      return reply
    } catch (cause) {
      isAnswered = isAnswer(cause)
      throw cause
    } finally {
      this.#silence.settled(isAnswered)
    }
  }

  /** Ends it now. Questions that are open are rejected. */
  end(cause?: unknown): void {
    if (this.#isOver) return
    this.#note(cause)
    this.#options.client.disconnect()
    this.#over()
  }

  /** Ends it, and resolves when it is gone. */
  async close(): Promise<void> {
    const gone = ended(this.#options.client)
    this.#over()
    await gone
  }

  async #opened(): Promise<void> {
    try {
      const server = await this.#options.identify(this.#options.client)
      if (this.#isOver) return
      clearTimeout(this.#deadline)
      this.#server = server
      this.#reach = 'use'
      this.#options.fate.onUsable()
    } catch (cause) {
      this.end(cause)
    }
  }

  #reached(reach: 'somebody' | 'refusal'): void {
    if (this.#reach === 'nobody' || (reach === 'refusal' && this.#reach === 'somebody')) {
      this.#reach = reach
    }
  }

  #note(cause: unknown): void {
    if (isAnswer(cause)) this.#reached('refusal')
    // What comes after the first is only that the connection was closed.
    this.#cause ??= cause
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#deadline)
    this.#silence.close()
    this.#server = undefined
    const cause = this.#cause ?? new Error('the connection was closed')
    this.#options.fate.onEnd(cause, this.#reach)
  }
}
