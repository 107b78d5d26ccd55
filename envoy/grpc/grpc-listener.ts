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
import { readMessage } from './read-message.ts'
import { readTimeout } from './read-timeout.ts'

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

  constructor(options: GrpcListenerOptions) {
    this.#options = options
    this.#methods = new Map(Object.entries(options.methods))
    this.#server = open(options)
    this.#server.on('session', (session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
    })
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
    const call = new GrpcCall(stream, timeoutMs ?? Number.POSITIVE_INFINITY)
    const method = this.#methods.get(headers[':path'] ?? '')
    if (method === undefined) call.fail(GRPC.unimplemented, 'no such method')
    else if (timeoutMs === undefined) call.fail(GRPC.internal, 'grpc-timeout is malformed')
    else
      readMessage(stream, call, this.#options.maxMessageBytes, (message) => method(message, call))
  }
}

function open({ tls, maxStreams }: GrpcListenerOptions): Http2Server {
  const options = {
    settings: { maxConcurrentStreams: maxStreams },
    // Bodies of a thousand calls may be on their way; Node.js would reset streams at 10 MB.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  }
  if (tls === undefined) return createServer(options)
  const { certs, clientCa } = tls
  return createSecureServer({
    ...options,
    ...certs,
    minVersion: 'TLSv1.2',
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  })
}
