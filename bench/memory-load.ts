import { connect, type Socket } from 'node:net'
import { encode } from '@msgpack/msgpack'
import { decodeValue } from '../plugins/pluginserver/wire/msgpack/decode-value.ts'
import { FrameReader } from '../plugins/pluginserver/wire/msgpack/frame-reader.ts'

/** What Kong would answer to a PDK call. */
export type Respond = (method: string) => { readonly step: string; readonly data: unknown }

/** Runs access phases at full speed over several connections, as the workers of one Kong do. */
export class MemoryLoad {
  readonly #sockets: readonly Socket[]
  readonly #respond: Respond

  private constructor(sockets: readonly Socket[], respond: Respond) {
    this.#sockets = sockets
    this.#respond = respond
  }

  static async connect(path: string, connections: number, respond: Respond): Promise<MemoryLoad> {
    const sockets = Array.from({ length: connections }, () => connect(path))
    await Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.once('connect', resolve))),
    )
    return new MemoryLoad(sockets, respond)
  }

  /** Starts an instance and returns its number. */
  async start(name: string, config: object): Promise<number> {
    const [socket] = this.#sockets
    if (socket === undefined) throw new RangeError('no connection')
    const answer = nextAnswer(socket)
    socket.write(request('plugin.StartInstance', { Name: name, Config: JSON.stringify(config) }))
    const [, , error, result] = await answer
    if (error !== null) throw new Error(String(error))
    return (result as { Id: number }).Id
  }

  /** Resolves with the last PDK method of each phase and how often it was the last. */
  async run(instance: number, phases: number): Promise<Readonly<Record<string, number>>> {
    const ends: Record<string, number> = {}
    let left = phases
    const lanes = this.#sockets.map((socket) =>
      drive(socket, instance, this.#respond, {
        next: () => left-- > 0,
        end: (method) => {
          ends[method] = (ends[method] ?? 0) + 1
        },
      }),
    )
    await Promise.all(lanes)
    return ends
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

interface Counter {
  /** Whether one more phase is to be run. */
  next(): boolean
  end(lastMethod: string): void
}

type Answer = readonly [1, number, unknown, unknown]
type Step = { Data: 'ret' | { Method: string }; EventId: number }

function drive(
  socket: Socket,
  instance: number,
  respond: Respond,
  counter: Counter,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader({ maxFrameBytes: 1_048_576 })
    const begin = request('plugin.HandleEvent', { InstanceId: instance, EventName: 'access' })
    let last = 'none'
    const another = () => {
      last = 'none'
      if (counter.next()) socket.write(begin)
      else {
        socket.removeListener('data', receive)
        resolve()
      }
    }
    const take = ({ Data, EventId }: Step) => {
      if (Data === 'ret') {
        counter.end(last)
        return another()
      }
      last = Data.Method
      if (last === 'kong.response.exit') {
        counter.end(last)
        return another()
      }
      const { step, data } = respond(last)
      socket.write(request(`plugin.${step}`, { EventId, Data: data }))
    }
    const receive = (chunk: Buffer) => {
      reader.append(chunk)
      const frame = reader.next()
      if (frame === undefined) return
      const [, , error, result] = decodeValue(frame) as Answer
      if (error === null) take(result as Step)
      else reject(new Error(String(error)))
    }
    socket.on('data', receive)
    another()
  })
}

function nextAnswer(socket: Socket): Promise<Answer> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(decodeValue(chunk) as Answer))
  })
}

function request(method: string, parameter: object): Uint8Array {
  return encode([0, 1, method, [parameter]])
}
