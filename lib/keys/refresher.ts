import type { Clock } from '../ports/clock.ts'
import type { Http } from '../ports/http.ts'
import type { Random } from '../ports/random.ts'
import { BackOff } from './back-off.ts'
import { type FetchedSet, fetchJwkSet, JwksFault } from './fetch-jwk-set.ts'
import type { JwkSet } from './jwk-set.ts'
import type { Later } from './later.ts'

/** Restarts may be ordered at any rate; the fetches they cause begin at least this far apart. */
const RESTART_SPACING_MS = 1_000

interface RefresherOptions {
  readonly http: Http
  readonly url: URL
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly later: Later
  /** Called as each fetch begins, with the time of the clock. */
  readonly onStart: (now: number) => void
  /** Called with every good document; `startedAt` is when its fetch began. */
  readonly onDocument: (set: JwkSet, startedAt: number) => void
  readonly onFault: (fault: JwksFault) => void
}

/** Fetches one document, one fetch at a time, and holds back after failures. */
export class Refresher {
  readonly #options: RefresherOptions
  readonly #backOff: BackOff
  #flight: Promise<void> | undefined
  #last: FetchedSet | undefined
  #startedAt = 0
  #restarts = 0
  #spaced = false
  #fetches = 0
  #failures = 0

  constructor(options: RefresherOptions) {
    this.#options = options
    this.#backOff = new BackOff(options.random)
  }

  /** Whether the last fetch failed. */
  get failing(): boolean {
    return this.#backOff.failures > 0
  }

  get fetches(): number {
    return this.#fetches
  }

  get failures(): number {
    return this.#failures
  }

  /** The fetch that is under way, if any. Never rejects. */
  get flight(): Promise<void> | undefined {
    return this.#flight
  }

  /** Milliseconds from `now` until a failed fetch may be repeated; 0 when one may begin. */
  waitMs(now: number): number {
    return this.#backOff.waitMs(now)
  }

  /** The fetch in flight, begun now if need be; none while holding back. Never rejects. */
  refresh(now: number): Promise<void> | undefined {
    if (this.#flight !== undefined || this.waitMs(now) > 0) return this.#flight
    const land = () => {
      this.#flight = undefined
    }
    // Also when a log line could not be written: as an unhandled rejection it would end the process.
    this.#flight = this.#run().then(land, land)
    return this.#flight
  }

  /** Fetches as soon as the spacing allows; what is in flight is discarded and fetched again. */
  restart(now: number): void {
    this.#restarts++
    this.#spaced = true
    this.#backOff.reset()
    void this.refresh(now)
  }

  async #run(): Promise<void> {
    const { http, url, timeoutMs } = this.#options
    for (;;) {
      if (this.#spaced) await this.#space()
      const restarts = this.#restarts
      const startedAt = this.#start()
      const fetched = fetchJwkSet(http, url, timeoutMs, this.#last)
      const outcome = await fetched.catch((fault: JwksFault) => fault)
      // Restarted meanwhile: this answer may be older than what the restart was for.
      if (restarts === this.#restarts) return this.#settle(outcome, startedAt)
    }
  }

  #start(): number {
    const now = this.#options.clock.now()
    this.#startedAt = now
    this.#spaced = false
    this.#fetches++
    this.#options.onStart(now)
    return now
  }

  #settle(outcome: FetchedSet | JwksFault, startedAt: number): void {
    if (outcome instanceof JwksFault) {
      this.#failures++
      this.#backOff.fail(this.#options.clock.now())
      this.#options.onFault(outcome)
    } else {
      this.#backOff.reset()
      this.#last = outcome
      this.#options.onDocument(outcome.set, startedAt)
    }
  }

  #space(): Promise<void> | undefined {
    const { clock, later } = this.#options
    const sinceStart = Math.max(0, clock.now() - this.#startedAt)
    if (sinceStart >= RESTART_SPACING_MS) return undefined
    return new Promise((resume) => later(resume, RESTART_SPACING_MS - sinceStart))
  }
}
