import type {
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { bytesMethod } from './bytes-method.ts'

/** HealthCheckResponse.status, field 1: SERVING 1, NOT_SERVING 2. grpc/health/v1/health.proto */
const SERVING = Buffer.from([0x08, 1])
const NOT_SERVING = Buffer.from([0x08, 2])

/** The gRPC health service: whether this process wants more Checks. It is one answer for every service name. */
export class Health {
  static readonly definition = {
    Check: bytesMethod('/grpc.health.v1.Health/Check'),
    Watch: bytesMethod('/grpc.health.v1.Health/Watch', { responseStream: true }),
  }
  readonly #watchers = new Set<ServerWritableStream<Buffer, Buffer>>()
  #serving = true

  get serving(): boolean {
    return this.#serving
  }

  readonly implementation: UntypedServiceImplementation = {
    Check: (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      answer(null, this.#status())
    },
    Watch: (call: ServerWritableStream<Buffer, Buffer>) => {
      this.#watchers.add(call)
      call.on('close', () => this.#watchers.delete(call))
      call.on('cancelled', () => this.#watchers.delete(call))
      call.write(this.#status())
    },
  }

  /** From now on whoever asks is told to go elsewhere. Watchers are told and let go. */
  drain(): void {
    this.#serving = false
    for (const watcher of this.#watchers) {
      watcher.write(this.#status())
      watcher.end()
    }
    this.#watchers.clear()
  }

  #status(): Buffer {
    return this.#serving ? SERVING : NOT_SERVING
  }
}
