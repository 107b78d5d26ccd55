import type { AuditRecord } from '../audit-record.ts'

/** What became of calls. */
export interface Outcomes {
  /** Denied, but let through: enforcement would have refused them. */
  readonly not_enforced: number
  readonly refused: number
  readonly allowed: number
}

export type Outcome = keyof Outcomes
type Counts = Record<Outcome, number>

export interface Row<Key> extends Outcomes {
  readonly key: Key
}

/** More different keys than this are not told apart: callers choose some of them, memory is bounded. */
export const DISTINCT_KEYS = 10_000

export function outcomeOf({ event, enforced }: AuditRecord): Outcome {
  if (event === 'allow') return 'allowed'
  return enforced === false ? 'not_enforced' : 'refused'
}

/** Counts outcomes by key. */
export class Tally<Key extends string | number | null> {
  readonly #rows = new Map<Key, Counts>()
  readonly #limit: number
  #uncounted = 0

  constructor(limit = DISTINCT_KEYS) {
    this.#limit = limit
  }

  /** How many calls had a key for which there was no room. */
  get uncounted(): number {
    return this.#uncounted
  }

  add(key: Key, outcome: Outcome): void {
    const counts = this.#rows.get(key) ?? this.#begin(key)
    if (counts === undefined) this.#uncounted++
    else counts[outcome]++
  }

  /** Those whom enforcement would newly refuse come first, then the most frequent. */
  rows(): readonly Row<Key>[] {
    return [...this.#rows].map(([key, counts]) => ({ key, ...counts })).sort(byUrgency)
  }

  #begin(key: Key): Counts | undefined {
    if (this.#rows.size >= this.#limit) return undefined
    const counts = { not_enforced: 0, refused: 0, allowed: 0 }
    this.#rows.set(key, counts)
    return counts
  }
}

/** How many calls a row stands for. */
export function total({ not_enforced, refused, allowed }: Outcomes): number {
  return not_enforced + refused + allowed
}

/** For rows of one key type or of several merged tallies. */
export function byUrgency(a: Row<unknown>, b: Row<unknown>): number {
  return b.not_enforced - a.not_enforced || total(b) - total(a) || compare(a.key, b.key)
}

/** Equal counts keep one order, whatever the order of the lines. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : 1
}
