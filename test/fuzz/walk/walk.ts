import { setTimeout as sleep } from 'node:timers/promises'
import { closeHttpCalls, httpCall } from '../../../testkit/http-call.ts'
import { until } from '../../../testkit/redis-server.ts'
import { residentKib } from '../../../testkit/resident-kib.ts'
import { type Estate, startEstate } from './estate.ts'
import { FAULTS, failOver, KILLS } from './faults.ts'
import { type MemoryReport, type MemorySample, memoryReport } from './memory.ts'
import { KINDS, type Kind, Oracle } from './oracle.ts'

export interface WalkOptions {
  readonly seconds: number
  /** Ends sooner when so many calls have been answered. */
  readonly calls?: number | undefined
  /** How many call at a time. */
  readonly callers?: number | undefined
  readonly seed: number
  readonly progress?: (line: string) => void
}

export interface WalkReport {
  readonly seed: number
  readonly answers: Readonly<Record<string, number>>
  readonly sent: Readonly<Record<Kind, number>>
  readonly reached: Readonly<Record<Kind, number>>
  readonly faults: Readonly<Record<string, number>>
  /** Passes of known tokens while Redis was away. */
  readonly degraded: number
  /** Reports of audit lines that a full disk did not take. */
  readonly lossReports: number
  readonly memory: MemoryReport
  readonly violations: readonly string[]
}

const CALLERS = 16
/** How far a walk has come when the master dies for good, and from when on no process is ended any more. */
const FAIL_OVER_AT = 0.25
const LAST_KILL_AT = 0.5
const READY_MS = 30_000
const BETWEEN_MS = 400

/**
 * Breaks one thing after another, drawn by lot, while callers of every kind call without pause; after a quarter the
 * Redis master dies for good, and after half nobody kills processes any more, so that their memory can be judged.
 * What reached the upstream is held against what the oracle knows of each call.
 */
export async function walk(options: WalkOptions): Promise<WalkReport> {
  const oracle = new Oracle()
  const estate = await startEstate(oracle)
  try {
    return await new Walk(estate, oracle, options).run()
  } finally {
    closeHttpCalls()
    await estate.stop()
  }
}

class Walk {
  readonly #estate: Estate
  readonly #oracle: Oracle
  readonly #options: WalkOptions
  readonly #random: () => number
  readonly #answers: Record<string, number> = {}
  readonly #faults: Record<string, number> = {}
  readonly #samples: MemorySample[] = []
  #bag: string[] = []
  #answered = 0
  #startedAt = 0

  constructor(estate: Estate, oracle: Oracle, options: WalkOptions) {
    this.#estate = estate
    this.#oracle = oracle
    this.#options = options
    this.#random = generator(options.seed)
  }

  async run(): Promise<WalkReport> {
    await until(async () => (await this.#call('fresh')) === 200, READY_MS)
    this.#startedAt = Date.now()
    const { callers: count = CALLERS } = this.#options
    const callers = Array.from({ length: count }, () => this.#caller())
    await Promise.all([this.#saboteur(), this.#sampler(), ...callers])
    // Whatever was broken, it serves again.
    await until(async () => (await this.#call('fresh')) === 200, READY_MS)
    this.#estate.checkAudit()
    const { sent, reached, degraded, lossReports, violations } = this.#oracle
    return {
      seed: this.#options.seed,
      answers: this.#answers,
      sent,
      reached,
      faults: this.#faults,
      degraded,
      lossReports,
      memory: memoryReport(this.#samples),
      violations,
    }
  }

  /** From 0 to 1, at which it ends. */
  get #progress(): number {
    const { calls = Number.POSITIVE_INFINITY, seconds } = this.#options
    return Math.max((Date.now() - this.#startedAt) / (seconds * 1000), this.#answered / calls)
  }

  get #isOver(): boolean {
    return this.#progress >= 1 || this.#oracle.violations.length > 0
  }

  async #caller(): Promise<void> {
    while (!this.#isOver) {
      const kind = KINDS[Math.floor(this.#random() * KINDS.length)] ?? 'none'
      // Half of all calls are first uses or repeats of what a moment ago has passed.
      const status = await this.#call(this.#random() < 0.4 ? 'fresh' : kind)
      if (status >= 500) await sleep(5)
    }
  }

  async #call(kind: Kind): Promise<number> {
    const call = this.#oracle.next(kind, this.#random())
    const { status } = await httpCall(this.#estate.gateway.url, call).catch(() => ({ status: 599 }))
    this.#oracle.answered(call)
    this.#answers[status] = (this.#answers[status] ?? 0) + 1
    this.#answered++
    return status
  }

  async #saboteur(): Promise<void> {
    let failedOver = false
    while (!this.#isOver) {
      await sleep(BETWEEN_MS)
      const due: boolean = !failedOver && this.#progress > FAIL_OVER_AT
      const name: string = due ? 'failover' : this.#nextFault()
      failedOver ||= due
      this.#options.progress?.(`${name}, ${this.#answered} calls answered`)
      this.#faults[name] = (this.#faults[name] ?? 0) + 1
      await (due ? failOver : FAULTS[name])?.(this.#estate, this.#random())
    }
  }

  /** By lot, and each once before one comes again. */
  #nextFault(): string {
    const isPossible = (name: string) => this.#progress < LAST_KILL_AT || !KILLS.includes(name)
    this.#bag = this.#bag.filter(isPossible)
    if (this.#bag.length === 0) this.#bag = Object.keys(FAULTS).filter(isPossible)
    return this.#bag.splice(Math.floor(this.#random() * this.#bag.length), 1)[0] ?? ''
  }

  async #sampler(): Promise<void> {
    while (!this.#isOver) {
      await sleep(1000)
      const pids = this.#estate.processes()
      const kib = pids.map(heldBy).reduce((sum, held) => sum + held, 0)
      this.#samples.push({ pids: pids.join(), kib })
    }
  }
}

function heldBy(pid: number): number {
  try {
    return residentKib(pid) || 0
  } catch {
    return 0 // It has just ended.
  }
}

/** Numbers from 0 up to 1 that a seed repeats: mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
