import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeMultiStream, encode } from '@msgpack/msgpack'

const NOTICE = '[oathmesh-pluginserver] '
const QUEUE_FULL_PAUSE_MS = 10

/** An answer of a plugin server. */
export interface Answer {
  readonly messageId: number
  readonly error: unknown
  readonly result: unknown
}

/** What a plugin server wants next in a phase. */
export interface Step {
  readonly Data: 'ret' | { readonly Method: string; readonly Args: readonly unknown[] }
  readonly EventId: number
}

/** One connection as Kong holds it: one question at a time unless a test writes bytes of its own. */
export class KongLine {
  readonly socket: Socket
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<void>
  readonly #answers: AsyncGenerator<unknown, void, unknown>
  #lastId = 0
  /** What the server told the operator through Kong's log. */
  readonly notices: string[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    this.#answers = decodeMultiStream(socket)
    this.closed = new Promise((resolve) => {
      socket.on('close', () => resolve())
    })
    socket.on('error', () => {})
  }

  /** Connects, and tries again while the kernel's queue of connections is full. */
  static async connect(path: string): Promise<KongLine> {
    for (;;) {
      const socket = connect(path)
      try {
        await once(socket, 'connect')
        return new KongLine(socket)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        await sleep(QUEUE_FULL_PAUSE_MS)
      }
    }
  }

  /** Sends one request and returns the result. Rejects with the server's error text. */
  async call(method: string, ...parameters: unknown[]): Promise<unknown> {
    this.send(method, ...parameters)
    const { error, result } = await this.answer()
    if (error !== null) throw new Error(String(error))
    return result
  }

  /** A phase from its beginning; returns what the plugin wants first. */
  begin(instance: number, phase = 'access'): Promise<Step> {
    return this.step('plugin.HandleEvent', { InstanceId: instance, EventName: phase })
  }

  async step(method: string, parameter: object): Promise<Step> {
    return this.#passNotices((await this.call(method, parameter)) as Step)
  }

  /** Runs the log lines that the server itself has for Kong, and returns what comes after them. */
  async #passNotices(step: Step): Promise<Step> {
    const { Data, EventId } = step
    if (Data === 'ret' || !String(Data.Args[0]).startsWith(NOTICE)) return step
    this.notices.push(String(Data.Args[0]))
    return this.step('plugin.Step', { EventId })
  }

  async start(mode: string, name = 'faults'): Promise<number> {
    const parameter = { Name: name, Config: JSON.stringify({ mode }) }
    return ((await this.call('plugin.StartInstance', parameter)) as { Id: number }).Id
  }

  async openEvents(): Promise<number> {
    return ((await this.call('plugin.GetStatus')) as { Events: number }).Events
  }

  /** Sends a request without waiting for its answer. */
  send(method: string, ...parameters: unknown[]): void {
    this.#lastId++
    this.socket.write(encode([0, this.#lastId, method, parameters]))
  }

  /** The next answer. Rejects when the connection ends first. */
  async answer(): Promise<Answer> {
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error('the connection is closed')
    const [, messageId, error, result] = value as [number, number, unknown, unknown]
    return { messageId, error, result }
  }

  close(): Promise<void> {
    this.socket.destroy()
    return this.closed
  }
}
