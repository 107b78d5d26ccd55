import type { Random } from '../ports/random.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'

/** Between two looks at a connection that owes an answer. */
const LOOK_MS = 300
/** So many looks in a row without anything heard are silence: 1.2 s, at four distinct moments. */
const QUIET_LOOKS = 4
/** A look that comes later than this says nothing: it was this process that stood still. */
const LATE_MS = 2 * LOOK_MS
/** While the silence lasts, looks become rarer: the first answer ends it whenever it comes. */
const LONGEST_LOOK_MS = 30_000

interface SilenceOptions {
  readonly stopwatch: Stopwatch
  /** Uniform in [0, 1). */
  readonly random: Random
  /** Asks the server something of our own; counted through `asked` and `settled` like any question. */
  readonly ask: () => void
  /** Told when the silence begins, and when it ends with an answer. */
  readonly onChange: (isSilent: boolean) => void
}

/**
 * Notices that a server does not answer at all any more. Its measure is time and nothing else: one open
 * question or a thousand are looked at alike, and beside them it asks for itself, so that callers cannot
 * make a server look silent. Any answer, however late and whatever it says, ends a silence.
 */
export class Silence {
  readonly #options: SilenceOptions
  #timer: NodeJS.Timeout | undefined
  #open = 0
  #heard = false
  #quiet = 0
  #isSilent = false
  #isClosed = false

  constructor(options: SilenceOptions) {
    this.#options = options
  }

  get isSilent(): boolean {
    return this.#isSilent
  }

  /** A question has been sent. */
  asked(): void {
    this.#open += 1
    if (this.#timer === undefined) this.#arm()
  }

  /** A question is over: by an answer, or without one when the connection has ended. */
  settled(isAnswered: boolean): void {
    this.#open -= 1
    if (!isAnswered) return
    this.#heard = true
    if (this.#isSilent) this.#end()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #arm(): void {
    if (this.#isClosed) return
    const { stopwatch, random } = this.#options
    const rarer = Math.min(LOOK_MS * 2 ** Math.max(0, this.#quiet - QUIET_LOOKS), LONGEST_LOOK_MS)
    const delayMs = this.#isSilent ? (rarer * (1 + random())) / 2 : LOOK_MS
    const dueAt = stopwatch() + delayMs
    const look = () => this.#look(stopwatch() - dueAt > LATE_MS)
    // An answer may lie in the socket: read it before judging.
    this.#timer = setTimeout(() => setImmediate(look), delayMs)
    this.#timer.unref()
  }

  #look(isLate: boolean): void {
    this.#timer = undefined
    if (this.#isClosed) return
    this.#quiet = this.#heard || isLate ? 0 : this.#quiet + 1
    this.#heard = false
    if (this.#open === 0) {
      this.#quiet = 0
      return
    }
    if (this.#quiet >= QUIET_LOOKS && !this.#isSilent) {
      this.#isSilent = true
      this.#options.onChange(true)
    }
    this.#arm()
    if (this.#quiet > 0) this.#options.ask()
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#quiet = 0
    this.#isSilent = false
    if (this.#open > 0) this.#arm()
    this.#options.onChange(false)
  }
}
