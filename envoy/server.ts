import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { type Address, addressText } from '../lib/ports/address.ts'
import { bind } from '../lib/ports/bind.ts'
import { bytesMethod } from './bytes-method.ts'
import type { CheckDecider } from './decide-check.ts'
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
  readonly #server: Server
  readonly #tls: TlsMaterial | undefined

  constructor({ decider, maxBodyBytes, tls }: GrpcServerOptions) {
    this.#tls = tls
    this.#server = new Server({
      'grpc.max_receive_message_length': maxBodyBytes + BESIDE_THE_BODY_BYTES,
      'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
      'grpc.enable_channelz': 0,
    })
    const method = bytesMethod('/envoy.service.auth.v3.Authorization/Check')
    this.#server.addService(
      { Check: method },
      {
        Check: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
          // Never rejects. `cancelled` is emitted after every call, so nothing is made of it.
          void decider.decide(call.request, timeoutOf(call)).then((bytes) => answer(null, bytes))
        },
      },
    )
    this.#server.addService(Health.definition, this.health.implementation)
  }

  /** Gives the port, 0 for a unix socket. */
  listen(address: Address): Promise<number> {
    const { certs, clientCa } = this.#tls ?? {}
    const credentials =
      certs === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(
            clientCa ?? null,
            [{ cert_chain: certs.cert, private_key: certs.key }],
            clientCa !== undefined,
          )
    return bind(
      address,
      () =>
        new Promise<number>((resolve, reject) => {
          this.#server.bindAsync(addressText(address), credentials, (fault, port) => {
            if (fault === null) resolve(port)
            else reject(fault)
          })
        }),
    )
  }

  /** Finishes the calls that are under way and takes no more; at the latest after `graceMs` all are cut. */
  async stop(graceMs: number): Promise<void> {
    this.health.drain()
    const timer = setTimeout(() => this.#server.forceShutdown(), graceMs)
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()))
    clearTimeout(timer)
  }
}

/** How long the filter still waits; infinite where it does not say. */
function timeoutOf(call: ServerUnaryCall<Buffer, Buffer>): number {
  const deadline = call.getDeadline()
  return (typeof deadline === 'number' ? deadline : deadline.getTime()) - Date.now()
}
