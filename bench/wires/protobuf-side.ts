import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { readMessage } from '../../kong/local-gateway/wire/protobuf/read-message.ts'
import { writeMessage } from '../../kong/local-gateway/wire/protobuf/write-message.ts'
import { writeStruct } from '../../kong/local-gateway/wire/protobuf/write-struct.ts'
import { FrameReader } from '../../plugins/pluginserver/wire/protobuf/frame-reader.ts'
import { type KongSide, RECEIVED } from './kong-side.ts'

const EMPTY = new Uint8Array()

/** Answers each pair of frames with a write of its own, as Kong does. */
export class ProtobufSide implements KongSide {
  readonly #socket: Socket
  readonly #reader = new FrameReader({ maxFrameBytes: 1_048_576 })
  #reads = 0
  #method: string | undefined
  #headers: Uint8Array = EMPTY
  /** What the frame after the next empty one, an `RpcReturn`, goes to. */
  #returned: ((frame: Buffer) => void) | undefined
  #inEvent = false
  #fail: (cause: Error) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
    socket.on('data', (chunk: Buffer) => {
      this.#reads++
      this.#reader.append(chunk)
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next())
        this.#take(frame)
    })
  }

  static async connect(path: string): Promise<ProtobufSide> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new ProtobufSide(socket)
  }

  async start(config: object): Promise<number> {
    const cmd_start_instance = { name: 'oathmesh', config: JSON.stringify(config) }
    const { instance_status } = readMessage('RpcReturn', await this.#call({ cmd_start_instance }))
    return Number((instance_status as { instance_id?: unknown }).instance_id)
  }

  async access(instance: number, authorization: string): Promise<number> {
    this.#reads = 0
    this.#headers = writeStruct({ ...RECEIVED, authorization })
    this.#inEvent = true
    await this.#call({ cmd_handle_event: { instance_id: instance, event_name: 'access' } })
    return this.#reads
  }

  close(): void {
    this.#fail = () => {}
    this.#socket.destroy()
  }

  #call(message: object): Promise<Buffer> {
    return new Promise((returned, fail) => {
      this.#returned = returned
      this.#fail = fail
      this.#send(writeMessage('RpcCall', { sequence: 1, ...message }))
    })
  }

  #take(frame: Buffer): void {
    if (!this.#inEvent) this.#returned?.(frame)
    else if (this.#method !== undefined) this.#run(this.#method)
    else if (frame.length === 0) this.#inEvent = false
    else this.#method = frame.toString('latin1')
  }

  #run(method: string): void {
    this.#method = undefined
    if (method === 'kong.response.exit') this.#fail(new Error('the benchmark was refused'))
    else this.#send(method === 'kong.request.get_headers' ? this.#headers : EMPTY)
  }

  #send(frame: Uint8Array): void {
    const bytes = Buffer.allocUnsafe(4 + frame.length)
    bytes.writeUInt32LE(frame.length)
    bytes.set(frame, 4)
    this.#socket.write(bytes)
  }
}
