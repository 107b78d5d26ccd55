import type { AuditEvent } from '../../../lib/audit/event.ts'
import type { Log } from '../../../lib/ports/log.ts'

export type { AuditEvent } from '../../../lib/audit/event.ts'

/** What a service does with what a verifier has to say. */
export interface VerifierOptions {
  /** `service` of the audit line. */
  readonly name?: string
  /** Takes the audit line of each decision unless `audit.sink` is `file` or `none`; default: standard output. */
  readonly auditLine?: (line: string) => void
  /** Is told of each decision, whatever the sink. */
  readonly onDecision?: (event: AuditEvent) => void
  /** Takes lines for the operator; default: standard error. */
  readonly log?: Log
}
