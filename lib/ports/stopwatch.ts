import { performance } from 'node:perf_hooks'

/** Monotonic milliseconds: for durations and deadlines, never for claims. */
export type Stopwatch = () => number

export const monotonic: Stopwatch = () => performance.now()
