import { KongLine } from './kong-line.ts'
import { ProtobufLine } from './protobuf-line.ts'

/** A call that the plugin, or the server for it, had Kong run. */
export interface MadeCall {
  readonly method: string
  readonly args: readonly unknown[]
}

/** How an event went: what was called, and how it ended. An exit is the last call. */
export interface Outcome {
  readonly calls: readonly MadeCall[]
  readonly end: 'ret' | 'exit' | 'closed'
  /** What the server had for Kong's log. */
  readonly notices: readonly string[]
}

export type Answers = Readonly<Record<string, unknown>>

/** Kong at one connection, whatever the wire. */
export interface KongPeer {
  start(mode: string): Promise<number>
  /** Runs one event to its end, with these answers; what is not among them is nil. */
  run(instance: number, phase?: string, answers?: Answers): Promise<Outcome>
  /** Sends the beginning of an event and nothing more. */
  begin(instance: number): void
  /** What came of it. */
  outcome(answers?: Answers): Promise<Outcome>
  close(): Promise<void>
}

export const PEERS: Readonly<Record<'msgpack' | 'protobuf', (path: string) => Promise<KongPeer>>> =
  {
    msgpack: async (path) => new MsgpackPeer(await KongLine.connect(path)),
    protobuf: (path) => ProtobufLine.connect(path),
  }

class MsgpackPeer implements KongPeer {
  readonly #line: KongLine

  constructor(line: KongLine) {
    this.#line = line
  }

  start(mode: string): Promise<number> {
    return this.#line.start(mode)
  }

  run(instance: number, phase = 'access', answers: Answers = {}): Promise<Outcome> {
    this.begin(instance, phase)
    return this.outcome(answers)
  }

  begin(instance: number, phase = 'access'): void {
    this.#line.send('plugin.HandleEvent', { InstanceId: instance, EventName: phase })
  }

  async outcome(answers: Answers = {}): Promise<Outcome> {
    const calls: MadeCall[] = []
    const notices: string[] = []
    for (;;) {
      const { error, result } = await this.#line.answer()
      if (error !== null) return { calls, end: 'closed', notices }
      const { Data, EventId } = result as {
        Data: 'ret' | { Method: string; Args: unknown[] }
        EventId: number
      }
      if (Data === 'ret') return { calls, end: 'ret', notices }
      const { Method: method, Args: args } = Data
      if (String(args[0]).startsWith('[oathmesh-pluginserver]')) notices.push(String(args[0]))
      else calls.push({ method, args })
      if (method === 'kong.response.exit') return { calls, end: 'exit', notices }
      this.#line.send('plugin.Step', { EventId, Data: answers[method] })
    }
  }

  close(): Promise<void> {
    return this.#line.close()
  }
}
