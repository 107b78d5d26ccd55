import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { causeMessage } from '../../session/cause-text.ts'
import type { PluginInstance } from '../../session/instance-table.ts'
import { refusal } from '../../session/refusal.ts'
import { REFUSAL_TEXTS, type RefusalReason } from '../../session/refusal-reason.ts'
import { runPhase } from '../../session/run-phase.ts'
import type { Session } from '../../session/session.ts'
import { FrameFault } from '../frame-fault.ts'
import { FramePatience } from '../frame-patience.ts'
import type { WireConnection } from '../wire.ts'
import { EventStream } from './event-stream.ts'
import { FrameReader } from './frame-reader.ts'
import { OutgoingFrames } from './outgoing-frames.ts'
import { PDK_MESSAGES } from './pdk-messages.ts'
import { type RpcCall, readCall } from './read-call.ts'
import { serverAnswer } from './server-answer.ts'
import type { StatusQuestion } from './status-question.ts'

/** Time for Kong to finish sending a frame that is not accepted, and to read the refusal. */
const LINGER_MS = 10_000

export interface ConnectionOptions {
  readonly session: Session
  readonly status: StatusQuestion
}

/**
 * One connection of a Kong worker: one call at a time, and while it is an event's, its frames. It is closed
 * during an event only where that means "unknown instance": Kong starts the instance again and repeats the
 * event, at once and for as long as it finds its connections closed.
 */
export class Connection implements WireConnection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #reader: FrameReader
  readonly #frames: OutgoingFrames
  readonly #patience: FramePatience
  #stream: EventStream | undefined
  #fresh = true
  #answering = false
  #faulty = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    const { limits, log } = options.session
    this.#reader = new FrameReader(limits)
    this.#frames = new OutgoingFrames(socket, log)
    this.#patience = new FramePatience(limits.phaseTimeoutMs, () => {
      this.#fail(new FrameFault('a frame did not become whole in time'))
    })
    socket.on('data', this.#receive)
    // A reset by Kong is followed by `close`, which does all there is to do.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#patience.end()
      this.#stream?.event.release('connection_closed')
    })
  }

  end(): Promise<void> {
    this.#frames.flush()
    return new Promise((resolve) => {
      this.#socket.on('close', () => resolve())
      this.#socket.end(() => this.#socket.destroy())
    })
  }

  readonly #receive = (chunk: Buffer): void => {
    if (this.#faulty) return
    this.#reader.append(chunk)
    if (this.#fresh && this.#options.status.isAskedBy(this.#reader.rest)) {
      this.#socket.off('data', this.#receive)
      this.#patience.end()
      this.#options.status.answer(this.#socket, this.#reader.rest)
      return
    }
    try {
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        this.#fresh = false
        this.#patience.end()
        this.#take(frame)
        if (this.#socket.destroyed || this.#faulty) return
      }
      if (this.#reader.isWithinFrame) this.#patience.wait()
    } catch (cause) {
      this.#fail(cause)
    }
  }

  #take(frame: Buffer): void {
    if (this.#stream?.done) this.#stream = undefined
    if (this.#stream !== undefined) {
      this.#stream.frame(frame)
      return
    }
    if (this.#answering) throw new FrameFault('a call came before the one before it was answered')
    const call = readCall(frame)
    const { limits, log } = this.#options.session
    if (limits.verbose) log.info('call', { method: call.name, message: call.sequence })
    if (call.name === 'handleEvent') this.#handle(call)
    else void this.#answer(call)
  }

  #handle({ sequence, fields: { instanceId, eventName } }: RpcCall): void {
    const { instances, log } = this.#options.session
    const instance = instances.use(instanceId)
    const phase = String(eventName ?? '')
    if (instance === undefined) {
      log.info('a connection was closed: its instance is unknown, and Kong starts it again')
      this.#socket.destroy()
    } else if (instance.plugin.phases.includes(phase)) this.#begin(instance, phase, sequence)
    else this.#refuse('unknown_phase')
  }

  #begin(instance: PluginInstance, phase: string, sequence: number): void {
    const { events, limits, log, notices } = this.#options.session
    const { bodyFolder, maxFrameBytes: maxBytes } = limits
    const options = {
      sink: this.#frames,
      sequence,
      body: { bodyFolder, maxBytes, log },
      notices: () => notices.take(),
    }
    const about = { plugin: instance.plugin.name, instance: instance.id }
    const stream = new EventStream(options, (port) => events.open({ phase, port, about }))
    this.#stream = stream
    void runPhase(instance, phase, stream.event)
  }

  async #answer(call: RpcCall): Promise<void> {
    this.#answering = true
    try {
      this.#frames.send(await serverAnswer(this.#options.session, call))
    } catch (cause) {
      this.#fail(cause)
    }
    this.#answering = false
  }

  /** Ends the request of an event that does not come about. Kong drops the connection then. */
  #refuse(reason: RefusalReason): void {
    const requestId = randomUUID()
    const { log, onRefusal } = this.#options.session
    onRefusal?.(reason)
    log.warn(`a request was refused: ${REFUSAL_TEXTS[reason]}`, { request_id: requestId })
    const { Method, Args } = refusal(requestId)
    const write = PDK_MESSAGES.get(Method)?.[0]
    if (write === undefined) throw new TypeError(`${Method} is not on the ProtoBuf wire`)
    this.#frames.send(Buffer.from(Method))
    this.#frames.send(write(Args))
    this.#stop()
  }

  /** Reads no further. The event that was going on, if any, is refused; otherwise nobody waits. */
  #fail(cause: unknown): void {
    this.#patience.end()
    const { log } = this.#options.session
    const text = cause instanceof FrameFault ? causeMessage(cause) : 'an internal fault'
    log.warn('a connection was closed: malformed frame', { cause: text })
    const stream = this.#stream
    if (stream === undefined) {
      this.#faulty = true
      this.#socket.destroy()
      return
    }
    stream.event.release('frame_not_accepted')
    this.#stop()
  }

  /** Kong reads the refusal only after it has sent everything, so the rest is taken in and dropped. */
  #stop(): void {
    this.#faulty = true
    this.#frames.flush()
    this.#socket.end()
    this.#socket.setTimeout(LINGER_MS, () => this.#socket.destroy())
  }
}
