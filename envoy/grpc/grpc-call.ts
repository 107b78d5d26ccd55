import { constants, type ServerHttp2Stream } from 'node:http2'
import { GRPC } from './codes.ts'
import type { Patience } from './patience.ts'

const { NGHTTP2_NO_ERROR } = constants
const ANSWER = { ':status': 200, 'content-type': 'application/grpc' } as const
const WITH_TRAILERS = { waitForTrailers: true } as const
const SUCCEEDED = { 'grpc-status': '0' } as const
const PREFIX_BYTES = 5

/** One call of gRPC: what may be said in answer, once. What is said after the peer has gone, or twice, goes nowhere. */
export class GrpcCall {
  readonly #stream: ServerHttp2Stream
  /** With a peer that has yet to take its answer. */
  readonly #patience: Patience
  readonly #deadline: number
  readonly #timer: NodeJS.Timeout | undefined

  /** `timeoutMs`: how long the peer waits, infinite where it does not say; then the call ends by itself. */
  constructor(stream: ServerHttp2Stream, timeoutMs: number, patience: Patience) {
    this.#stream = stream
    this.#patience = patience
    this.#deadline = performance.now() + timeoutMs
    if (Number.isFinite(timeoutMs)) {
      this.#timer = setTimeout(() => this.fail(GRPC.deadlineExceeded, 'too late'), timeoutMs)
    }
    stream.once('close', () => {
      clearTimeout(this.#timer)
      patience.end(stream)
    })
  }

  /** Milliseconds that are left of the peer's patience. */
  get timeoutMs(): number {
    return this.#deadline - performance.now()
  }

  /** The one message that a unary call is answered with. */
  answer(message: Uint8Array): void {
    if (!this.#begin()) return
    this.#patience.begin(this.#stream)
    this.#stream.end(framed(message))
  }

  /** One of the messages of a stream. */
  send(message: Uint8Array): void {
    if (this.#stream.headersSent ? this.#open : this.#begin()) this.#stream.write(framed(message))
  }

  /** Ends a stream of messages. */
  end(): void {
    if (this.#open) this.#stream.end()
  }

  /** No message at all, but one of gRPC's codes and a short text in printable ASCII. */
  fail(code: number, text: string): void {
    if (!this.#open || this.#stream.headersSent) return
    const headers = { ...ANSWER, 'grpc-status': String(code), 'grpc-message': text }
    this.#patience.begin(this.#stream)
    this.#stream.respond(headers, { endStream: true })
    // What is still coming of the request is not waited for.
    this.#stream.close(NGHTTP2_NO_ERROR)
  }

  /** Tells when the peer has gone, or everything has been said. */
  onClose(listener: () => void): void {
    this.#stream.once('close', listener)
  }

  get #open(): boolean {
    return !this.#stream.closed && !this.#stream.destroyed
  }

  #begin(): boolean {
    const stream = this.#stream
    if (!this.#open || stream.headersSent) return false
    stream.once('wantTrailers', () => stream.sendTrailers(SUCCEEDED))
    stream.respond(ANSWER, WITH_TRAILERS)
    return true
  }
}

/** A message, not compressed, after its length. */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, PREFIX_BYTES)
  return frame
}
