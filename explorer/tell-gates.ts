import type { StepReport, Walk } from '../lib/explain/walk.ts'
import { GATES, gateAt, OF_THE_STORE, stepsOf } from './gates.ts'
import type { GateStory } from './story.ts'
import type { Verdict } from './verdict.ts'

/** How each gate went, and whether the walk came to something else than the gateway. */
export interface GatesTold {
  readonly gates: readonly GateStory[]
  readonly differs?: string
}

/**
 * Where the call got is the gateway's word; what each gate looked at is what the same steps find in the same token at
 * the same instant. What the store of used tokens said, the gateway alone can know.
 */
export function tellGates(verdict: Verdict, walk: Walk, store: string): GatesTold {
  const { outcome } = verdict
  if (outcome === 'no_decision') return { gates: GATES.map(untouched) }
  const stop = outcome === 'unknown' ? stopOf(walk) : outcome === 'deny' ? gateAt(verdict.step) : -2
  const gates = GATES.map((gate, at): GateStory => {
    const reports = stepsOf(gate.label, walk.steps)
    if (stop === -2 || at < stop) {
      return { ...gate, outcome: 'passed', findings: findingsOf(reports, verdict, store) }
    }
    if (at > stop) return untouched(gate)
    const words = verdict.message === undefined ? [] : [verdict.message]
    return { ...gate, outcome: 'refused', findings: [whyOf(reports, verdict), ...words] }
  })
  const differs = differenceOf(verdict, walk)
  return differs === undefined ? { gates } : { gates, differs }
}

function untouched(gate: (typeof GATES)[number]): GateStory {
  return { ...gate, outcome: 'not_reached', findings: [] }
}

/** The gate at which the walk ended; -2 when at none. */
function stopOf({ denial }: Walk): number {
  return denial === undefined ? -2 : gateAt(denial.step)
}

function findingsOf(
  reports: readonly StepReport[],
  { degraded }: Verdict,
  store: string,
): readonly string[] {
  return reports.map(({ name, finding = 'passed' }) => {
    if (name === 'revocation') return `${store}: the subject has not been revoked`
    if (name !== 'replay') return finding
    return degraded
      ? `${store} is away; this gateway has verified the token itself a moment ago`
      : `${store}: first use of this token id, and now recorded`
  })
}

/** The walk knows more of a refusal than its word, unless the gateway refused for something it cannot know. */
function whyOf(reports: readonly StepReport[], { reason = 'refused' }: Verdict): string {
  const own = reports.find(({ outcome }) => outcome === 'refused')?.finding
  return own?.startsWith(reason) === true ? own : reason
}

function differenceOf(verdict: Verdict, { denial }: Walk): string | undefined {
  const walked = denial?.step ?? 'none'
  if (verdict.outcome === 'allow' && denial !== undefined) {
    return `The gateway allowed the call; run again, step ${walked} refuses: ${denial.auditReason}.`
  }
  if (verdict.outcome !== 'deny' || OF_THE_STORE.has(verdict.reason ?? '')) return undefined
  if (denial?.step === verdict.step) return undefined
  return `The gateway refused at step ${verdict.step ?? 'none'}; run again, the steps end at ${walked}.`
}
