import type { Reason } from '../lib/denial.ts'
import type { StepReport } from '../lib/explain/walk.ts'
import { STEPS } from '../lib/verify/steps.ts'
import type { Gate } from './story.ts'

/** What the steps of each stretch of the way have in common, by the label that begins it. */
const GROUPS: ReadonlyMap<number, Pick<Gate, 'stretch' | 'group'>> = new Map([
  [1, { stretch: 'form', group: 'Read it, trust nothing' }],
  [4, { stretch: 'claims', group: 'Refuse what is cheap to refuse' }],
  [5, { stretch: 'proof', group: 'Prove who signed it' }],
  [8, { stretch: 'here and now', group: 'This moment, this API, this request' }],
  [13, { stretch: 'once', group: 'Not revoked, not used before' }],
  [14, { stretch: 'may it', group: 'Allowed by policy' }],
])

/** The fourteen steps in the order of execution: what shares a label is one of them. */
export const GATES: readonly Gate[] = gates()

/** The steps of a gate, by the label. Label 0 stands for what comes before the token. */
export function stepsOf(label: number, steps: readonly StepReport[]): readonly StepReport[] {
  return steps.filter(({ step }) => step === label)
}

/** The place in the order of execution of the gate that a decision names; -1 for before the first. */
export function gateAt(label: number | undefined): number {
  return GATES.findIndex((gate) => gate.label === label)
}

/** What a gateway alone can know: uses of the token, revoked subjects. */
export const OF_THE_STORE: ReadonlySet<string> = new Set<Reason>([
  'jti_replay',
  'subject_revoked',
  'replay_history_unknown',
  'replay_store_full',
  'replay_store_unavailable',
])

function gates(): readonly Gate[] {
  const found = new Map<number, string[]>()
  for (const { label, name } of STEPS) {
    if (label !== undefined) found.set(label, [...(found.get(label) ?? []), name])
  }
  let group = { stretch: '', group: '' }
  return Array.from(found, ([label, names]) => {
    group = GROUPS.get(label) ?? group
    return { label, name: names.join(', '), ...group }
  })
}
