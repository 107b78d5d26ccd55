/** The value below which the share `q` of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

/** What one figure was in every round. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  readonly rounds: number
}

export function spread(samples: readonly number[]): Spread {
  return {
    median: median(samples),
    least: quantile(samples, 0),
    most: quantile(samples, 1),
    rounds: samples.length,
  }
}

/** Of each round by itself, so that what slowed both down in one round does not count. */
export function ratio(samples: readonly number[], to: readonly number[]): Spread {
  return spread(samples.map((value, at) => value / (to[at] ?? Number.NaN)))
}
