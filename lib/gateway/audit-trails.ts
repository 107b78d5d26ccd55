import type { AuditEvent } from '../audit/event.ts'
import { renderAuditLine } from '../audit/render.ts'
import { SealedFile } from '../audit/sealed-file.ts'
import { type OpenSink, openSink } from '../audit/sinks/open-sink.ts'
import { errorMessage } from '../error-message.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'
import { readSecretFile } from '../secret-file.ts'
import type { SinkStatus } from '../status/snapshot.ts'
import type { AuditTrail } from './gateway.ts'
import type { AuditSettings } from './gateway-settings.ts'
import { Shared } from './shared.ts'

const MIN_KEY_BYTES = 32

interface AuditTrailsOptions {
  readonly clock: Clock
  readonly stopwatch: Stopwatch
  readonly log: Log
}

/** Where audit lines go, one file and one chain for all entities that name the same. */
export class AuditTrails {
  readonly #options: AuditTrailsOptions
  readonly #files = new Shared<OpenSink>()
  readonly #sealed = new Shared<SealedFile>()
  #hosted = 0

  constructor(options: AuditTrailsOptions) {
    this.#options = options
  }

  /** Throws `TypeError` that names the field when a file cannot be opened, or its key is too short. */
  open(settings: AuditSettings): AuditTrail {
    const { sink, file } = settings
    if (sink === 'none') return () => undefined
    if (file === undefined) return (event) => this.#toHost(event)
    const lines = this.#files.of(file, () => this.#open(file))
    const key = keyOf(settings)
    if (key === undefined) {
      return (event) => void lines.write(renderAuditLine(event))
    }
    const { clock } = this.#options
    const sealed = this.#sealed.of([file, key.toString('base64')], () => {
      return new SealedFile({ sink: lines, key, clock })
    })
    return (event) => void sealed.write(event)
  }

  /** What every place has taken and lost; lines that the gateway's own log is for count as written. */
  get status(): readonly SinkStatus[] {
    const files = [...this.#files.all].map(({ status }) => status)
    if (this.#hosted === 0) return files
    return [...files, { sink: 'host', written: this.#hosted, dropped: 0, waiting: 0 }]
  }

  /** Every chain says how far it has come. */
  checkpoint(): void {
    for (const sealed of this.#sealed.all) sealed.checkpoint()
  }

  /** Every file is opened anew, for whoever has moved it away. */
  reopen(): void {
    for (const file of this.#files.all) file.reopen()
  }

  /** Every chain says that it ends, and what still waits is offered once more. */
  close(): void {
    for (const sealed of this.#sealed.all) sealed.close()
    for (const file of this.#files.all) file.close()
  }

  #toHost(event: AuditEvent): string {
    this.#hosted += 1
    return renderAuditLine(event)
  }

  #open(path: string): OpenSink {
    const { log, stopwatch } = this.#options
    try {
      return openSink({ path, log, stopwatch })
    } catch (cause) {
      throw new TypeError(`audit.file: cannot be opened: ${errorMessage(cause)}`, { cause })
    }
  }
}

/** The key of the chain, wherever it is. The schema has the same bound for a key that it sees. */
function keyOf({ hmacKey, hmacKeyFile }: AuditSettings): Buffer | undefined {
  if (hmacKeyFile === undefined) return hmacKey === undefined ? undefined : Buffer.from(hmacKey)
  const key = readSecretFile(hmacKeyFile, 'audit.hmac_key_file')
  if (key.length < MIN_KEY_BYTES) {
    throw new TypeError(
      `audit.hmac_key_file: holds ${key.length} bytes; a key of at least ${MIN_KEY_BYTES} is needed`,
    )
  }
  return key
}
