import { randomUUID } from 'node:crypto'
import type { Clock } from '../ports/clock.ts'
import type { AuditSink } from './audit-sink.ts'
import type { AuditEvent } from './event.ts'
import { HmacChain } from './hmac-chain.ts'

/** Bounds what can be missing at the end of a file without being missed. */
const CHECKPOINT_MS = 60_000

interface SealedFileOptions {
  readonly sink: AuditSink
  /** At least 32 bytes. */
  readonly key: Uint8Array
  readonly clock: Clock
}

/**
 * The lines of one process in one file, sealed into a chain of their own: it starts with this object,
 * says every minute that it is still there, and stops with `close`. Throws `RangeError` for a short key.
 */
export class SealedFile {
  readonly #sink: AuditSink
  readonly #chain: HmacChain
  readonly #checkpoints: NodeJS.Timeout
  #closed = false

  constructor({ sink, key, clock }: SealedFileOptions) {
    this.#sink = sink
    this.#chain = new HmacChain({ key, clock, id: randomUUID() })
    sink.write(this.#chain.mark('chain_start'))
    this.#checkpoints = setInterval(() => this.checkpoint(), CHECKPOINT_MS).unref()
  }

  write(event: AuditEvent): void {
    this.#sink.write(this.#chain.seal(event))
  }

  /** Says how far the chain has come: for whoever may be killed before it can say that it stops. */
  checkpoint(): void {
    if (!this.#closed) this.#sink.write(this.#chain.mark('chain_checkpoint'))
  }

  /** Says that nothing follows. Closing again does nothing; what is written afterwards is a fault of the chain. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#checkpoints)
    this.#sink.write(this.#chain.mark('chain_stop'))
  }
}
