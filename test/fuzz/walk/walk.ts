import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeHttpCalls, httpCall } from '../../../testkit/http-call.ts'
import { until } from '../../../testkit/redis-server.ts'
import { type Estate, startEstate } from './estate.ts'
import { FAULTS, failOver } from './faults.ts'
import { KINDS, type Kind, Oracle } from './oracle.ts'

export interface WalkOptions {
  readonly seconds: number
  /** Ends sooner when so many calls have been answered. */
  readonly calls?: number | undefined
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
  /** Kibibytes that the workers held together, sampled once a second. */
  readonly rssKib: readonly number[]
  readonly violations: readonly string[]
}

const CALLERS = 16
const READY_MS = 30_000
const BETWEEN_MS = 400

/**
 * Breaks one thing after another, drawn by lot, while callers of every kind call without pause; half-way the Redis
 * master dies for good. What reached the upstream is held against what the oracle knows of each call.
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
  readonly #rssKib: number[] = []
  #answered = 0
  #endsAt = 0

  constructor(estate: Estate, oracle: Oracle, options: WalkOptions) {
    this.#estate = estate
    this.#oracle = oracle
    this.#options = options
    this.#random = generator(options.seed)
  }

  async run(): Promise<WalkReport> {
    await until(async () => (await this.#call('fresh')) === 200, READY_MS)
    this.#endsAt = Date.now() + this.#options.seconds * 1000
    const callers = Array.from({ length: CALLERS }, () => this.#caller())
    await Promise.all([this.#saboteur(), this.#sampler(), ...callers])
    // Whatever was broken, it serves again.
    await until(async () => (await this.#call('fresh')) === 200, READY_MS)
    const { sent, reached, degraded, violations } = this.#oracle
    return {
      seed: this.#options.seed,
      answers: this.#answers,
      sent,
      reached,
      faults: this.#faults,
      degraded,
      rssKib: this.#rssKib,
      violations,
    }
  }

  get #isOver(): boolean {
    const { calls = Number.POSITIVE_INFINITY } = this.#options
    return (
      Date.now() > this.#endsAt || this.#answered >= calls || this.#oracle.violations.length > 0
    )
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
    const names = Object.keys(FAULTS)
    const failOverAt = Date.now() + this.#options.seconds * 500
    let failedOver = false
    while (!this.#isOver) {
      await sleep(BETWEEN_MS)
      const due: boolean = !failedOver && Date.now() > failOverAt
      const name: string = due
        ? 'failover'
        : (names[Math.floor(this.#random() * names.length)] ?? '')
      failedOver ||= due
      this.#options.progress?.(`${name}, ${this.#answered} calls answered`)
      this.#faults[name] = (this.#faults[name] ?? 0) + 1
      await (due ? failOver : FAULTS[name])?.(this.#estate, this.#random())
    }
  }

  async #sampler(): Promise<void> {
    while (!this.#isOver) {
      await sleep(1000)
      const held = this.#estate.processes().map(residentKib)
      this.#rssKib.push(held.reduce((sum, kib) => sum + kib, 0))
    }
  }
}

function residentKib(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
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
