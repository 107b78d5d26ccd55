import { LuaError } from '../../lua-error.ts'
import type { Aftermath, PluginEvent, Wire, WireOptions } from '../wire.ts'
import { Connection } from './connection.ts'
import { readMessage } from './read-message.ts'
import { type Frames, runEvent } from './run-event.ts'
import { writeMessage } from './write-message.ts'

/**
 * Kong's side of `ProtoBuf:1`: connections are pooled, an event lives on one of them from its first frame
 * to its last, and any fault refuses the request.
 */
export class ProtobufWire implements Wire {
  readonly #options: WireOptions
  readonly #idle: Connection[] = []
  readonly #open = new Set<Connection>()
  /** Kong counts from two. */
  #sequence = 1

  constructor(options: WireOptions) {
    this.#options = options
  }

  async startInstance(name: string, config: string): Promise<number> {
    const answer = await this.#call({ cmd_start_instance: { config, name } })
    const status = answer?.['instance_status'] as { instance_id: number } | undefined
    if (status === undefined) throw new LuaError('the answer to a start has no instance_status')
    return status.instance_id
  }

  async handleEvent(event: PluginEvent): Promise<void> {
    const { instanceId, phase } = event
    const call = { cmd_handle_event: { instance_id: instanceId, event_name: phase } }
    await this.#call(call, (frames) => runEvent(frames, event))
  }

  aftermath(fault: string): Aftermath {
    const text = fault.toLowerCase()
    return text.includes('no plugin instance') || text.includes('closed') ? 'repeat' : 'refuse'
  }

  close(): void {
    for (const connection of this.#open) connection.close()
  }

  /** Resolves with the `RpcReturn`, or with nothing where the exchange of frames has ended before it. */
  async #call(
    call: object,
    between: (frames: Frames) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    this.#sequence += 1
    const sequence = this.#sequence
    const connection = this.#take()
    const frames = this.#traced(connection)
    let answered = false
    try {
      frames.send(writeMessage('RpcCall', { ...call, sequence }))
      if (!(await between(frames))) return undefined
      const answer = readMessage('RpcReturn', await frames.read())
      if (answer['sequence'] !== sequence) throw new LuaError('the answer has another sequence')
      answered = true
      return answer
    } finally {
      if (answered && connection.usable) this.#idle.push(connection)
      else this.#drop(connection)
    }
  }

  #traced(connection: Connection): Frames {
    const { trace } = this.#options
    return {
      send(frame) {
        trace?.('kong', frame)
        connection.send(frame)
      },
      async read() {
        const frame = await connection.frame()
        trace?.('plugin server', frame)
        return frame
      },
    }
  }

  #take(): Connection {
    for (;;) {
      const idle = this.#idle.pop()
      if (idle === undefined) break
      if (idle.usable) return idle
      this.#drop(idle)
    }
    const connection = new Connection(this.#options.socketPath, this.#options.timeoutMs)
    this.#open.add(connection)
    return connection
  }

  #drop(connection: Connection): void {
    connection.close()
    this.#open.delete(connection)
  }
}
