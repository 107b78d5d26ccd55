import type { Stopwatch } from '../../lib/index.ts'
import type { Kong } from './kong.ts'

/** What the guard's first function leaves behind for its last. */
const MARK = 'oathmesh_guard'
/** So often is looked again: a guard may be added or taken away at any time. */
const LOOK_MS = 60_000

/** Whether the guard's first function has run before the plugin. It decides nothing; it is said to the operator. */
export class GuardSight {
  readonly #stopwatch: Stopwatch
  #lookedAt = Number.NEGATIVE_INFINITY
  #seen: 'seen' | 'not_seen' | undefined

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch
  }

  get seen(): 'seen' | 'not_seen' | undefined {
    return this.#seen
  }

  /** Asks Kong, now and then, on the way of a request that is being asked about anyway. */
  look({ ctx }: Pick<Kong, 'ctx'>): void {
    const now = this.#stopwatch()
    if (now - this.#lookedAt < LOOK_MS) return
    this.#lookedAt = now
    ctx.shared.get(MARK).then(
      (mark) => {
        this.#seen = mark === true ? 'seen' : 'not_seen'
      },
      // The request has ended first. Another one will be asked about.
      () => {
        this.#lookedAt = Number.NEGATIVE_INFINITY
      },
    )
  }
}
