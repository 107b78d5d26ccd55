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
 * says every minute and at SIGTERM that it is still there, and stops with the process. Throws `RangeError` for a short
 * key.
 */
export class SealedFile {
  readonly #sink: AuditSink
  readonly #chain: HmacChain

  constructor({ sink, key, clock }: SealedFileOptions) {
    this.#sink = sink
    this.#chain = new HmacChain({ key, clock, id: randomUUID() })
    sink.write(this.#chain.mark('chain_start'))
    const checkpoint = () => sink.write(this.#chain.mark('chain_checkpoint'))
    setInterval(checkpoint, CHECKPOINT_MS).unref()
    // Kong's SIGKILL follows its SIGTERM within milliseconds, too soon for a stop.
    process.once('SIGTERM', () => {
      checkpoint()
      // With this listener gone and no other, the signal would have ended the process.
      if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM')
    })
    process.once('exit', () => sink.write(this.#chain.mark('chain_stop')))
  }

  write(event: AuditEvent): void {
    this.#sink.write(this.#chain.seal(event))
  }
}
