import type { AuditRecord } from '../audit-record.ts'
import { Durations, type Percentiles } from './durations.ts'
import {
  byUrgency,
  type Outcome,
  type Outcomes,
  outcomeOf,
  type Row,
  Tally,
  total,
} from './tally.ts'
import { Timeline, type TimelineCounts } from './timeline.ts'

/** Buckets of the timeline, which fit a screen beside their titles. */
const COLUMNS = 60

export interface SubjectRow extends Outcomes {
  /** `null` for calls of which no subject could be read. */
  readonly sub: string | null
  /** Whether it was proven; otherwise anyone may have written it. */
  readonly verified: boolean
}

export interface RouteRow extends Outcomes {
  /** `null` for lines that do not name a route. */
  readonly route: string | null
}

export interface AddressRow extends Outcomes {
  /** `null` for lines that do not name an address. */
  readonly src_ip: string | null
}

export interface RuleRow extends Outcomes {
  /** The policy rule that decided; `null` where none was asked. */
  readonly rule: string | null
}

/** Counted decisions. Lists are in the order of their urgency. `schema/audit-summary.schema.json`. */
export interface SummaryCounts {
  readonly decisions: number
  /** First and last instant; absent when there is no decision. */
  readonly from?: string
  readonly until?: string
  readonly outcomes: Outcomes
  /** Decisions, most of them to allow, that were made while the replay store was away. */
  readonly degraded: number
  readonly steps: readonly { readonly step: number | null; readonly count: number }[]
  readonly reasons: readonly { readonly reason: string | null; readonly count: number }[]
  readonly subjects: readonly SubjectRow[]
  readonly routes: readonly RouteRow[]
  readonly addresses: readonly AddressRow[]
  readonly rules: readonly RuleRow[]
  /** How long decisions took; absent where no line says. */
  readonly us?: Percentiles
  readonly timeline: TimelineCounts
  /** Decisions missing from a list because it had too many different entries. */
  readonly uncounted: Readonly<
    Record<'reasons' | 'subjects' | 'routes' | 'addresses' | 'rules', number>
  >
}

/** Counts decisions in bounded memory. Steps and reasons are those of denials. */
export class Summary {
  readonly #outcomes: Record<Outcome, number> = { not_enforced: 0, refused: 0, allowed: 0 }
  readonly #steps = new Tally<number | null>()
  readonly #reasons = new Tally<string | null>()
  // Apart, so that a flood of invented subjects leaves room for the real ones.
  readonly #proven = new Tally<string | null>()
  readonly #claimed = new Tally<string | null>()
  readonly #routes = new Tally<string | null>()
  readonly #addresses = new Tally<string | null>()
  readonly #rules = new Tally<string | null>()
  readonly #durations = new Durations()
  readonly #timeline = new Timeline()
  #degraded = 0
  #from: string | undefined
  #until: string | undefined

  add(record: AuditRecord): void {
    const { ts, event, step, reason, sub, route, verified, degraded, src_ip, rule, us } = record
    const outcome = outcomeOf(record)
    this.#outcomes[outcome]++
    if (degraded === true) this.#degraded++
    if (this.#from === undefined || ts < this.#from) this.#from = ts
    if (this.#until === undefined || ts > this.#until) this.#until = ts
    const subjects = verified === true ? this.#proven : this.#claimed
    subjects.add(sub ?? null, outcome)
    this.#routes.add(route ?? null, outcome)
    this.#addresses.add(src_ip ?? null, outcome)
    this.#rules.add(rule ?? null, outcome)
    this.#timeline.add(ts, outcome)
    if (us !== undefined) this.#durations.add(us)
    if (event !== 'deny') return
    this.#steps.add(step ?? null, outcome)
    this.#reasons.add(reason ?? null, outcome)
  }

  counts(): SummaryCounts {
    const us = this.#durations.percentiles()
    return {
      decisions: total(this.#outcomes),
      ...(this.#from !== undefined && { from: this.#from }),
      ...(this.#until !== undefined && { until: this.#until }),
      outcomes: { ...this.#outcomes },
      degraded: this.#degraded,
      steps: byCount(this.#steps).map(({ key, count }) => ({ step: key, count })),
      reasons: byCount(this.#reasons).map(({ key, count }) => ({ reason: key, count })),
      subjects: this.#subjects(),
      routes: this.#routes.rows().map(({ key, ...outcomes }) => ({ route: key, ...outcomes })),
      addresses: this.#addresses.rows().map(({ key, ...outcomes }) => {
        return { src_ip: key, ...outcomes }
      }),
      rules: this.#rules.rows().map(({ key, ...outcomes }) => ({ rule: key, ...outcomes })),
      ...(us !== undefined && { us }),
      timeline: this.#timeline.counts(COLUMNS),
      uncounted: {
        reasons: this.#reasons.uncounted,
        subjects: this.#proven.uncounted + this.#claimed.uncounted,
        routes: this.#routes.uncounted,
        addresses: this.#addresses.uncounted,
        rules: this.#rules.uncounted,
      },
    }
  }

  #subjects(): readonly SubjectRow[] {
    const marked = (tally: Tally<string | null>, verified: boolean) =>
      tally.rows().map((row) => ({ ...row, verified }))
    return [...marked(this.#proven, true), ...marked(this.#claimed, false)]
      .sort(byUrgency)
      .map(({ key, verified, ...outcomes }) => ({ sub: key, verified, ...outcomes }))
  }
}

function byCount<Key extends string | number | null>(
  tally: Tally<Key>,
): readonly { readonly key: Key; readonly count: number }[] {
  const counted = (row: Row<Key>) => ({ key: row.key, count: total(row) })
  // A stable sort: rows of equal count keep the order of their keys or of their urgency.
  return tally
    .rows()
    .map(counted)
    .sort((a, b) => b.count - a.count)
}
