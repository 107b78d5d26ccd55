import type { Answered } from './stage.ts'
import type { AnswerView, Outcome } from './story.ts'

/** What became of a call, from what the gateway wrote and said, and from nothing else. */
export interface Verdict {
  readonly outcome: Exclude<Outcome, 'not_minted'>
  /** The label of the step that decided. */
  readonly step?: number
  /** The word of the audit line; without one, the code of the answer. */
  readonly reason?: string
  readonly message?: string
  readonly fix?: string
  readonly tookUs?: number
  readonly degraded: boolean
  /** Milliseconds since the epoch at which the gateway decided. */
  readonly at?: number
}

interface Refusal {
  readonly error: string
  readonly message: string
  readonly fix: string
  readonly step?: number
}

/** The audit line where there is one, else the answer. `watched` says whether there would be a line. */
export function verdictOf(
  answer: AnswerView,
  audit: string | undefined,
  watched: boolean,
): Verdict {
  const refusal = refusalIn(answer)
  const words = refusal && { message: refusal.message, fix: refusal.fix }
  if (audit !== undefined) return { ...ofAudit(audit), ...words }
  if (refusal !== undefined) {
    const { step, error } = refusal
    return { outcome: 'deny', degraded: false, reason: error, ...words, ...(step && { step }) }
  }
  if (answer.status >= 500) return { outcome: 'no_decision', degraded: false }
  // Nobody has written down that it was decided on.
  if (watched || answer.status >= 300) return { outcome: 'unknown', degraded: false }
  return { outcome: 'allow', degraded: false }
}

/** Whether the answer says that the call was decided on, and refused. */
export function decidedBy(answer: AnswerView): Pick<Answered, 'decided' | 'refused'> {
  const refused = refusalIn(answer) !== undefined
  return { decided: refused || answer.status < 500, refused }
}

function ofAudit(line: string): Verdict {
  const { event, step, reason, us, degraded, ts } = Object(JSON.parse(line)) as AuditMembers
  return {
    outcome: event === 'allow' ? 'allow' : 'deny',
    degraded: degraded === true,
    ...(step !== undefined && { step }),
    ...(reason !== undefined && { reason }),
    ...(us !== undefined && { tookUs: us }),
    ...(ts !== undefined && { at: Date.parse(ts) }),
  }
}

interface AuditMembers {
  readonly ts?: string
  readonly event?: string
  readonly step?: number
  readonly reason?: string
  readonly us?: number
  readonly degraded?: boolean
}

/** The body of a refusal of ours, whatever its status: others answer with JSON, too. */
function refusalIn({ body }: AnswerView): Refusal | undefined {
  try {
    const { error, message, fix, step, request_id: id } = Object(JSON.parse(body))
    const texts = [error, message, fix, id].every((value) => typeof value === 'string')
    if (!texts) return undefined
    return { error, message, fix, ...(Number.isInteger(step) && { step }) }
  } catch {
    return undefined
  }
}
