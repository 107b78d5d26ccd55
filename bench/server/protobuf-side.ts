import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { readMessage } from '../../kong/local-gateway/wire/protobuf/read-message.ts'
import { writeMessage } from '../../kong/local-gateway/wire/protobuf/write-message.ts'
import { writeStruct } from '../../kong/local-gateway/wire/protobuf/write-struct.ts'
import { FrameReader } from '../../plugins/pluginserver/wire/protobuf/frame-reader.ts'
import { type Ended, type KongSide, RECEIVED } from './kong-side.ts'

const EMPTY = new Uint8Array()

/** What Kong has to say when a refused request is recorded. */
const ANSWERS: Readonly<Record<string, Uint8Array>> = {
  'kong.nginx.get_var': writeMessage('Text', { v: '5a0d6b1f2c3e4d5f60718293a4b5c6d7' }),
  'kong.client.get_forwarded_ip': writeMessage('Text', { v: '127.0.0.1' }),
}

/** Answers each pair of frames with a write of its own, as Kong does. */
export class ProtobufSide implements KongSide {
  readonly #path: string
  #socket: Socket
  #reader = new FrameReader({ maxFrameBytes: 1_048_576 })
  #reads = 0
  #method: string | undefined
  #headers: Uint8Array = EMPTY
  /** What the frame after the next empty one, an `RpcReturn`, goes to. */
  #returned: (frame: Buffer | 'refuse') => void = () => {}
  #inEvent = false
  #fail: (cause: Error) => void = () => {}

  private constructor(path: string, socket: Socket) {
    this.#path = path
    this.#socket = socket
    this.#listen()
  }

  static async connect(path: string): Promise<ProtobufSide> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new ProtobufSide(path, socket)
  }

  async start(config: object): Promise<number> {
    if (this.#socket.destroyed) await this.#connectAgain()
    const cmd_start_instance = { name: 'oathmesh', config: JSON.stringify(config) }
    const frame = await this.#call({ cmd_start_instance })
    if (frame === 'refuse') throw new Error('the instance was refused')
    const { instance_status } = readMessage('RpcReturn', frame)
    return Number((instance_status as { instance_id?: unknown }).instance_id)
  }

  async access(instance: number, authorization: string | undefined): Promise<Ended> {
    if (this.#socket.destroyed) await this.#connectAgain()
    this.#reads = 0
    this.#headers = writeStruct({ ...RECEIVED, ...(authorization && { authorization }) })
    this.#inEvent = true
    const ended = await this.#call({
      cmd_handle_event: { instance_id: instance, event_name: 'access' },
    })
    return { roundTrips: this.#reads, as: ended === 'refuse' ? 'refuse' : 'allow' }
  }

  close(): void {
    this.#fail = () => {}
    this.#socket.destroy()
  }

  async #connectAgain(): Promise<void> {
    this.#reader = new FrameReader({ maxFrameBytes: 1_048_576 })
    this.#method = undefined
    this.#socket = connect(this.#path)
    await once(this.#socket, 'connect')
    this.#listen()
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('close', () => {
      if (this.#socket === socket) this.#fail(new Error('the connection was closed'))
    })
    socket.on('data', (chunk: Buffer) => {
      this.#reads++
      this.#reader.append(chunk)
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next())
        this.#take(frame)
    })
  }

  #call(message: object): Promise<Buffer | 'refuse'> {
    return new Promise((returned, fail) => {
      this.#returned = returned
      this.#fail = fail
      this.#send(writeMessage('RpcCall', { sequence: 1, ...message }))
    })
  }

  #take(frame: Buffer): void {
    if (!this.#inEvent) this.#returned(frame)
    else if (this.#method !== undefined) this.#run(this.#method)
    else if (frame.length === 0) this.#inEvent = false
    else this.#method = frame.toString('latin1')
  }

  #run(method: string): void {
    this.#method = undefined
    if (method === 'kong.response.exit') this.#refused()
    else if (method === 'kong.request.get_headers') this.#send(this.#headers)
    else this.#send(ANSWERS[method] ?? EMPTY)
  }

  #refused(): void {
    this.#inEvent = false
    this.#fail = () => {}
    this.#socket.destroy()
    this.#returned('refuse')
  }

  #send(frame: Uint8Array): void {
    const bytes = Buffer.allocUnsafe(4 + frame.length)
    bytes.writeUInt32LE(frame.length)
    bytes.set(frame, 4)
    this.#socket.write(bytes)
  }
}
