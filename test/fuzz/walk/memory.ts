/** What some processes held together at one moment. */
export interface MemorySample {
  readonly pids: string
  readonly kib: number
}

/** Of the processes that were there at the end, how much they held early in their life and late. */
export interface MemoryReport {
  /** Seconds of that life that were looked at. */
  readonly seconds: number
  readonly firstThirdKib: number
  readonly lastThirdKib: number
  /** `unknown` where that life was too short to say. */
  readonly flat: 'yes' | 'no' | 'unknown'
}

/** Until compilers and caches have what they need, and known tokens are a minute old. */
const WARM_UP_SECONDS = 90
const LEAST_SECONDS = 180
/** What leaks by call grows beyond it within minutes: 1 kB a call is 30 MiB in a minute at 500 calls a second. */
const BOUND = 1.2

/** Judges samples of once a second. Those before the last change of processes say nothing of those that remain. */
export function memoryReport(samples: readonly MemorySample[]): MemoryReport {
  const last = samples.at(-1)?.pids
  const changed = samples.findLastIndex(({ pids }) => pids !== last)
  const life = samples.slice(changed + 1 + WARM_UP_SECONDS).map(({ kib }) => kib)
  const third = Math.ceil(life.length / 3)
  const firstThirdKib = median(life.slice(0, third))
  const lastThirdKib = median(life.slice(life.length - third))
  const isFlat = lastThirdKib <= firstThirdKib * BOUND
  const flat = life.length < LEAST_SECONDS ? 'unknown' : isFlat ? 'yes' : 'no'
  return { seconds: life.length, firstThirdKib, lastThirdKib, flat }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
