import type { SinkStatus } from '../status/snapshot.ts'

/** Where rendered audit lines go. Takes a line without its line feed; never throws. */
export interface AuditSink {
  write(line: string): void
}

/** A sink of which is known how many lines it has written and lost. */
export interface CountedSink extends AuditSink {
  readonly status: SinkStatus
}
