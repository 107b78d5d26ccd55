import type { GrpcCall } from './grpc/grpc-call.ts'
import type { GrpcMethod } from './grpc/grpc-listener.ts'

/** HealthCheckResponse.status, field 1: SERVING 1, NOT_SERVING 2. grpc/health/v1/health.proto */
const SERVING = Buffer.from([0x08, 1])
const NOT_SERVING = Buffer.from([0x08, 2])

/** The gRPC health service: whether this process wants more Checks. It is one answer for every service name. */
export class Health {
  readonly #watchers = new Set<GrpcCall>()
  #serving = true

  get serving(): boolean {
    return this.#serving
  }

  readonly methods: Readonly<Record<string, GrpcMethod>> = {
    '/grpc.health.v1.Health/Check': (_, call) => call.answer(this.#status()),
    '/grpc.health.v1.Health/Watch': (_, call) => {
      call.onClose(() => this.#watchers.delete(call))
      call.send(this.#status())
      if (this.#serving) this.#watchers.add(call)
      else call.end()
    },
  }

  /** From now on whoever asks is told to go elsewhere. Watchers are told and let go. */
  drain(): void {
    this.#serving = false
    for (const watcher of this.#watchers) {
      watcher.send(this.#status())
      watcher.end()
    }
    this.#watchers.clear()
  }

  #status(): Buffer {
    return this.#serving ? SERVING : NOT_SERVING
  }
}
