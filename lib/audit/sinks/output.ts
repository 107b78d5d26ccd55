import type { SinkStatus } from '../../status/snapshot.ts'
import type { CountedSink } from '../audit-sink.ts'

/** Hands lines to the output of this process, which somebody else collects: they count as written. */
export class OutputSink implements CountedSink {
  readonly #print: (line: string) => void
  #written = 0

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  write(line: string): void {
    this.#written += 1
    this.#print(line)
  }

  get status(): SinkStatus {
    return { sink: 'host', written: this.#written, dropped: 0, waiting: 0 }
  }
}
