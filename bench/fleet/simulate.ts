/** What the figures of the other commands say of one machine. Times in microseconds. */
export interface Costs {
  /** Processor time of the plugin server for one allowed call, up to the claim and after it. */
  readonly serverMicros: number
  /** Processor time of Redis for one claim: its script, revocation asked about. */
  readonly claimMicros: number
  /** Between node and Redis and back. */
  readonly roundTripMicros: number
  /** One record, in bytes. */
  readonly recordBytes: number
}

export interface Fleet {
  readonly nodes: number
  /** Processes of the plugin server on each node. */
  readonly workers: number
  /** Calls per second over all nodes, each with a token of its own. */
  readonly perSecond: number
  /** Share of calls that send a token again within the known-good window, 0 to 1. */
  readonly repeated: number
  readonly seconds: number
  /** Redis is away from the one second until before the other. */
  readonly away?: readonly [from: number, to: number]
  /** One node is gone from this second on. */
  readonly nodeLostAt?: number
  /** Whole seconds for which a record is kept. */
  readonly recordSeconds: number
}

export interface Outcome {
  readonly allowed: number
  /** 503, because Redis is away and the token is not known. */
  readonly refused: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Busy share of the busiest worker and of Redis, 0 to 1. */
  readonly workerLoad: number
  readonly redisLoad: number
  readonly redisMegabytes: number
}

/**
 * Calls that come at random instants, wait for a worker of a random node, then for Redis, then go on. Workers and
 * Redis do one thing at a time, in the order in which it comes. A queueing model: it knows nothing of networks
 * that lose packets, of noisy neighbours or of garbage collection.
 */
export function simulate(fleet: Fleet, costs: Costs, random: () => number): Outcome {
  const { nodes, workers, perSecond, seconds, away, nodeLostAt = Number.POSITIVE_INFINITY } = fleet
  const free = Array.from({ length: nodes * workers }, () => 0)
  const busy = free.map(() => 0)
  let redisFree = 0
  let redisBusy = 0
  let refused = 0
  const delays: number[] = []
  const end = seconds * 1e6
  for (let now = wait(perSecond, random); now < end; now += wait(perSecond, random)) {
    const left = now < nodeLostAt * 1e6 ? free.length : free.length - workers
    const at = Math.floor(random() * left)
    const begun = Math.max(now, free[at] ?? 0)
    const verified = begun + costs.serverMicros
    free[at] = verified
    busy[at] = (busy[at] ?? 0) + costs.serverMicros
    const isAway = away !== undefined && now >= away[0] * 1e6 && now < away[1] * 1e6
    if (isAway) {
      if (random() < fleet.repeated) delays.push(verified - now)
      else refused += 1
      continue
    }
    redisFree = Math.max(verified + costs.roundTripMicros / 2, redisFree) + costs.claimMicros
    redisBusy += costs.claimMicros
    delays.push(redisFree + costs.roundTripMicros / 2 - now)
  }
  delays.sort((a, b) => a - b)
  const quantile = (share: number) => (delays[Math.floor(delays.length * share)] ?? 0) / 1000
  return {
    allowed: delays.length,
    refused,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    workerLoad: Math.max(...busy) / end,
    redisLoad: redisBusy / end,
    redisMegabytes: (perSecond * fleet.recordSeconds * costs.recordBytes) / 1e6,
  }
}

/** Microseconds until the next call of a Poisson stream. */
function wait(perSecond: number, random: () => number): number {
  return (-Math.log(1 - random()) * 1e6) / perSecond
}
