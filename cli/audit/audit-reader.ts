import type { CliIo } from '../terminal/io.ts'
import { type AuditRecord, isDecision } from './audit-record.ts'
import { readAuditLine } from './read-audit-line.ts'
import { readLines } from './read-lines.ts'

/** Lines that were no decisions. */
export interface Skipped {
  /** Lines of others, as Kong's error log has many. */
  readonly foreign: number
  /** Lines at the place of an audit line that are cut off or changed. */
  readonly damaged: number
}

/** Takes the lines of a kind (decisions, unless told otherwise) that a filter lets through out of files. */
export class AuditReader {
  readonly #files: readonly string[]
  readonly #keep: (record: AuditRecord) => boolean
  readonly #wanted: (record: AuditRecord) => boolean
  #lines = 0
  #foreign = 0
  #damaged = 0

  constructor(
    files: readonly string[],
    keep: (record: AuditRecord) => boolean,
    wanted: (record: AuditRecord) => boolean = isDecision,
  ) {
    this.#files = files.length === 0 ? ['-'] : files
    this.#keep = keep
    this.#wanted = wanted
  }

  /** Audit lines that were read, whether or not the filter let them through. */
  get lines(): number {
    return this.#lines
  }

  get skipped(): Skipped {
    return { foreign: this.#foreign, damaged: this.#damaged }
  }

  /** Batches as they arrive, so that a log can be followed. Throws `InputError`. */
  async *read(io: CliIo): AsyncGenerator<readonly AuditRecord[]> {
    for await (const lines of readLines(this.#files, io)) {
      yield this.take(lines)
    }
  }

  /** The decisions among lines that somebody else has read. */
  take(lines: readonly string[]): readonly AuditRecord[] {
    return lines.flatMap((line) => this.#recordOf(line))
  }

  #recordOf(line: string): readonly AuditRecord[] {
    const reading = readAuditLine(line)
    if (reading === 'foreign') this.#foreign++
    else if (reading === 'damaged') this.#damaged++
    else {
      this.#lines++
      if (this.#wanted(reading) && this.#keep(reading)) return [reading]
    }
    return []
  }
}
