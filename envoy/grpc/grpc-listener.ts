import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Address } from '../../lib/ports/address.ts'
import { listenOn } from '../listen-on.ts'
import type { TlsMaterial } from '../tls-material.ts'
import { GRPC } from './codes.ts'
import { GrpcCall } from './grpc-call.ts'
import { Patience } from './patience.ts'
import { readMessage } from './read-message.ts'
import { readTimeout } from './read-timeout.ts'

/** For a peer to say what it speaks, to send a message whole, and to take an answer. */
const PATIENCE_MS = 10_000
const CONTENT_TYPE = /^application\/grpc(?:[+;]|$)/

/** Answers a call that has one message. Must not throw. */
export type GrpcMethod = (message: Buffer, call: GrpcCall) => void

export interface GrpcListenerOptions {
  /** By path, `/package.Service/Method`. */
  readonly methods: Readonly<Record<string, GrpcMethod>>
  readonly maxMessageBytes: number
  /** Of one connection; what comes beyond waits at the peer. */
  readonly maxStreams: number
  readonly tls: TlsMaterial | undefined
  /** Only tests have another. */
  readonly patienceMs?: number
}

/**
 * What of gRPC a service behind Envoy needs, on Node.js' own HTTP/2: calls with one message, without compression. A
 * whole Check takes a fifth less processor time so than with the library that does everything (docs/benchmarks.md).
 */
export class GrpcListener {
  readonly #methods: ReadonlyMap<string, GrpcMethod>
  readonly #options: GrpcListenerOptions
  readonly #server: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #patienceMs: number
  readonly #reading: Patience
  readonly #answering: Patience

  constructor(options: GrpcListenerOptions) {
    this.#options = options
    this.#methods = new Map(Object.entries(options.methods))
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS
    this.#server = open(options, this.#patienceMs)
    this.#server.on('session', (session) => this.#open(session))
    this.#reading = new Patience(this.#patienceMs, (stream) =>
      stream.close(constants.NGHTTP2_CANCEL),
    )
    // Whoever takes no answers would have more and more of them wait for it: it goes, with all its calls.
    this.#answering = new Patience(this.#patienceMs, (stream) => stream.session?.destroy())
    this.#server.on('stream', (stream, headers) => this.#take(stream, headers))
    // A peer that speaks something else, or goes away: the connection is closed, and there is no more to do.
    this.#server.on('sessionError', () => {})
  }

  /** Gives the port, 0 for a unix socket. */
  listen(address: Address): Promise<number> {
    return listenOn(this.#server, address)
  }

  /** Takes no more calls and finishes those that are under way; at the latest after `graceMs` all are cut. */
  async stop(graceMs: number): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const session of this.#sessions) session.close()
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.destroy()
    }, graceMs)
    await closed
    clearTimeout(timer)
    this.#reading.stop()
    this.#answering.stop()
  }

  #open(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    // Nothing is known of it yet: it may be anything that has found the address.
    const silence = setTimeout(() => session.destroy(), this.#patienceMs)
    session.once('remoteSettings', () => clearTimeout(silence))
    session.once('close', () => {
      clearTimeout(silence)
      this.#sessions.delete(session)
    })
  }

  #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // The peer has gone; `close` follows.
    stream.on('error', () => {})
    if (!CONTENT_TYPE.test(headers['content-type'] ?? '')) {
      stream.respond({ ':status': 415 }, { endStream: true })
      stream.close(constants.NGHTTP2_NO_ERROR)
      return
    }
    const timeoutMs = readTimeout(headers['grpc-timeout'])
    const call = new GrpcCall(stream, timeoutMs ?? Number.POSITIVE_INFINITY, this.#answering)
    const method = this.#methods.get(headers[':path'] ?? '')
    if (method === undefined) call.fail(GRPC.unimplemented, 'no such method')
    else if (timeoutMs === undefined) call.fail(GRPC.internal, 'grpc-timeout is malformed')
    else {
      const limits = { maxBytes: this.#options.maxMessageBytes, patience: this.#reading }
      readMessage(stream, call, limits, (message) => method(message, call))
    }
  }
}

function open(
  { tls, maxStreams, maxMessageBytes }: GrpcListenerOptions,
  handshakeTimeout: number,
): Http2Server {
  const options = {
    settings: { maxConcurrentStreams: maxStreams },
    // Megabytes. Messages of all streams may be on their way; Node.js would reset streams at 10.
    maxSessionMemory: 10 + Math.ceil((maxStreams * maxMessageBytes) / 1e6),
  }
  if (tls === undefined) return createServer(options)
  const { certs, clientCa } = tls
  return createSecureServer({
    ...options,
    ...certs,
    handshakeTimeout,
    minVersion: 'TLSv1.2',
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  })
}
