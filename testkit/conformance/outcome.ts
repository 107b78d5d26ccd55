import type { Judgement } from '../signature-vectors.ts'
import type { Vector } from '../vectors.ts'

/** What became of a case. A refusal without `step` was one before step 1. */
export type Outcome =
  | 'allow'
  | Judgement
  | { readonly code: string; readonly step?: number | undefined }
  | Bare

/** An answer whose body says nothing, as one to HEAD: RFC 9110, 9.3.2. */
export interface Bare {
  readonly status: number
}

/** One case as one implementation decides it. */
export interface Row {
  readonly file: string
  readonly name: string
  readonly got: Outcome
}

export function outcomeText(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'no answer'
  if (typeof outcome === 'string') return outcome
  if ('status' in outcome) return `${outcome.status}`
  return outcome.step === undefined ? outcome.code : `${outcome.code} ${outcome.step}`
}

/** What the vector wants, as all implementations have to say it. */
export function expectedOutcome({ expect }: Vector): Outcome {
  return expect === 'allow' ? 'allow' : { code: expect.code, step: expect.step }
}

/** Whether an outcome is the one that is wanted. Where the body is silent, the status has to do. */
export function agrees(vector: Vector, got: Outcome | undefined): boolean {
  const wanted = expectedOutcome(vector)
  if (typeof got !== 'object' || !('status' in got)) return outcomeText(got) === outcomeText(wanted)
  return vector.expect !== 'allow' && got.status === (vector.expect.status ?? 401)
}
