import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { MessageName } from '../../../plugins/pluginserver/wire/protobuf/messages.ts'
import { PDK_MESSAGES } from '../../../plugins/pluginserver/wire/protobuf/pdk-messages.ts'
import { readMessage } from '../../../plugins/pluginserver/wire/protobuf/read-message.ts'
import { readList, readStruct } from '../../../plugins/pluginserver/wire/protobuf/read-struct.ts'
import { writeMessage } from '../../../plugins/pluginserver/wire/protobuf/write-message.ts'
import type { Answers, KongPeer, MadeCall, Outcome } from './kong-peer.ts'

const EMPTY = Buffer.alloc(0)

/** One ProtoBuf connection as Kong holds it. */
export class ProtobufLine implements KongPeer {
  readonly socket: Socket
  readonly closed: Promise<void>
  /** How many reads, which is at least how many writes of the server, an event took. */
  reads = 0
  #received: Buffer = EMPTY
  #ended = false
  #wake = () => {}
  #sequence = 1

  private constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true
        this.#wake()
        resolve()
      })
    })
    socket.on('error', () => {})
    socket.on('end', () => {
      this.#ended = true
      this.#wake()
    })
    socket.on('data', (chunk: Buffer) => {
      this.reads++
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
  }

  static async connect(path: string): Promise<ProtobufLine> {
    const socket = connect({ path, allowHalfOpen: true })
    await once(socket, 'connect')
    return new ProtobufLine(socket)
  }

  send(frame: Uint8Array): void {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(frame.length)
    this.socket.write(Buffer.concat([length, frame]))
  }

  /** The next frame, or undefined when the connection ends before it. */
  async frame(): Promise<Buffer | undefined> {
    for (;;) {
      const length = this.#received.length < 4 ? undefined : this.#received.readUInt32LE()
      if (length !== undefined && this.#received.length >= 4 + length) {
        const frame = this.#received.subarray(4, 4 + length)
        this.#received = this.#received.subarray(4 + length)
        return frame
      }
      if (this.#ended) return undefined
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
  }

  /** Sends a call and reads its return. Rejects when the connection is closed instead. */
  async call(kind: string, message: object): Promise<Readonly<Record<string, unknown>>> {
    this.#sequence++
    this.send(writeMessage('RpcCall', { sequence: this.#sequence, [kind]: message }))
    const frame = await this.frame()
    if (frame === undefined) throw new Error('the connection is closed')
    return readMessage('RpcReturn', frame)
  }

  async start(mode: string): Promise<number> {
    const config = JSON.stringify({ mode })
    const { instanceStatus } = await this.call('startInstance', { name: 'faults', config })
    return (instanceStatus as { instanceId: number }).instanceId
  }

  run(instance: number, phase = 'access', answers: Answers = {}): Promise<Outcome> {
    this.begin(instance, phase)
    return this.outcome(answers)
  }

  begin(instance: number, phase = 'access'): void {
    this.#sequence++
    const handleEvent = { instanceId: instance, eventName: phase }
    this.send(writeMessage('RpcCall', { sequence: this.#sequence, handleEvent }))
  }

  async outcome(answers: Answers = {}): Promise<Outcome> {
    const calls: MadeCall[] = []
    const notices: string[] = []
    for (;;) {
      const name = await this.frame()
      if (name === undefined) return { calls, end: 'closed', notices }
      if (name.length === 0) {
        expect(readMessage('RpcReturn', (await this.frame()) ?? EMPTY)).toEqual({
          sequence: this.#sequence,
        })
        return { calls, end: 'ret', notices }
      }
      const method = name.toString()
      const args = argumentsIn(method, (await this.frame()) ?? EMPTY)
      if (String(args[0]).startsWith('[oathmesh-pluginserver]')) notices.push(String(args[0]))
      else calls.push({ method, args })
      if (method === 'kong.response.exit') return { calls, end: 'exit', notices }
      this.send(answerTo(method, answers[method]))
    }
  }

  close(): Promise<void> {
    this.socket.destroy()
    return this.closed
  }
}

function argumentsIn(method: string, frame: Buffer): readonly unknown[] {
  if (method.startsWith('kong.log.') && !method.includes('serialize')) return readList(frame)
  if (method === 'kong.service.request.set_headers') return [readStruct(frame)]
  if (method === 'kong.response.exit') {
    const { status, body, headers } = readMessage('ExitArgs', frame)
    return [status, JSON.parse(String(Buffer.from(body as Uint8Array))), headers]
  }
  return frame.length === 0 ? [] : [frame.toString('hex')]
}

function answerTo(method: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  const silent = PDK_MESSAGES.get(method)?.[1] === undefined
  if (silent || value === undefined) return EMPTY
  const name: MessageName = typeof value === 'number' ? 'Int' : 'Text'
  return writeMessage(name, { v: value })
}
