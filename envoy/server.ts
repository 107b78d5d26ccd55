import type { Address } from '../lib/ports/address.ts'
import type { CheckDecider } from './decide-check.ts'
import { GrpcListener } from './grpc/grpc-listener.ts'
import { Health } from './health.ts'
import type { TlsMaterial } from './tls-material.ts'

/** Room for headers, which Envoy bounds at 60 KiB by default, and a peer's certificate. */
const BESIDE_THE_BODY_BYTES = 262_144
/** More requests of one connection wait at Envoy, which opens another connection for them. */
const STREAMS_PER_CONNECTION = 1000

export interface GrpcServerOptions {
  readonly decider: CheckDecider
  readonly maxBodyBytes: number
  readonly tls: TlsMaterial | undefined
}

/** Envoy's `Authorization` service and the health service on one address. */
export class GrpcServer {
  readonly health = new Health()
  readonly #listener: GrpcListener

  constructor({ decider, maxBodyBytes, tls }: GrpcServerOptions) {
    this.#listener = new GrpcListener({
      methods: {
        '/envoy.service.auth.v3.Authorization/Check': (message, call) => {
          // Never rejects.
          void decider.decide(message, call.timeoutMs).then((bytes) => call.answer(bytes))
        },
        ...this.health.methods,
      },
      maxMessageBytes: maxBodyBytes + BESIDE_THE_BODY_BYTES,
      maxStreams: STREAMS_PER_CONNECTION,
      tls,
    })
  }

  /** Gives the port, 0 for a unix socket. */
  listen(address: Address): Promise<number> {
    return this.#listener.listen(address)
  }

  /** Finishes the calls that are under way and takes no more; at the latest after `graceMs` all are cut. */
  async stop(graceMs: number): Promise<void> {
    this.health.drain()
    await this.#listener.stop(graceMs)
  }
}
