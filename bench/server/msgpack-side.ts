import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { kongEncoder } from '../../kong/local-gateway/wire/msgpack/kong-encoder.ts'
import { decodeValue } from '../../plugins/pluginserver/wire/msgpack/decode-value.ts'
import { FrameReader } from '../../plugins/pluginserver/wire/msgpack/frame-reader.ts'
import { type Ended, type KongSide, RECEIVED } from './kong-side.ts'

interface Step {
  readonly Data: 'ret' | { readonly Method: string }
  readonly EventId: number
}

/** Sends the answer to each call and waits for the next one. */
export class MsgpackSide implements KongSide {
  readonly #socket: Socket
  readonly #reader = new FrameReader({ maxFrameBytes: 1_048_576 })
  readonly #encoder = kongEncoder()
  #returned: (result: unknown) => void = () => {}
  #fail: (cause: Error) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
    socket.on('data', (chunk: Buffer) => {
      this.#reader.append(chunk)
      const frame = this.#reader.next()
      if (frame === undefined) return
      const [, , error, result] = decodeValue(frame) as readonly unknown[]
      if (error === null) this.#returned(result)
      else this.#fail(new Error(String(error)))
    })
  }

  static async connect(path: string): Promise<MsgpackSide> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new MsgpackSide(socket)
  }

  async start(config: object): Promise<number> {
    const parameter = { Name: 'oathmesh', Config: JSON.stringify(config) }
    return ((await this.#call('plugin.StartInstance', parameter)) as { Id: number }).Id
  }

  /** Only for requests that are allowed: a refusal rejects. */
  async access(instance: number, authorization: string | undefined): Promise<Ended> {
    const begin = { InstanceId: instance, EventName: 'access' }
    let step = (await this.#call('plugin.HandleEvent', begin)) as Step
    let roundTrips = 1
    for (; step.Data !== 'ret'; roundTrips++) {
      const { EventId, Data } = step
      if (Data.Method === 'kong.response.exit') throw new Error('the benchmark was refused')
      step = (await (Data.Method === 'kong.request.get_headers'
        ? this.#call('plugin.StepMultiMap', { Data: headers(authorization), EventId })
        : this.#call('plugin.Step', { EventId }))) as Step
    }
    return { roundTrips, as: 'allow' }
  }

  close(): void {
    this.#fail = () => {}
    this.#socket.destroy()
  }

  #call(method: string, parameter: object): Promise<unknown> {
    return new Promise((returned, fail) => {
      this.#returned = returned
      this.#fail = fail
      this.#socket.write(this.#encoder.encode([0, 1, method, [parameter]]))
    })
  }
}

function headers(authorization: string | undefined): object {
  const pairs = Object.entries({ ...RECEIVED, ...(authorization && { authorization }) })
  return Object.fromEntries(pairs.map(([name, value]) => [name, [value]]))
}
