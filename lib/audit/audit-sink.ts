/** Where rendered audit lines go. Takes a line without its line feed; never throws. */
export interface AuditSink {
  write(line: string): void
}
