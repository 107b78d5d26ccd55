import type {
  GatewaySnapshot,
  IssuerStatus,
  KeyState,
  PolicyState,
  PolicyStatus,
  RecentLine,
  RedisStatus,
  SinkStatus,
} from './snapshot.ts'

/** The worse ones last: of several processes the worst counts, since any of them may get the next call. */
const KEY_STATES: readonly KeyState[] = ['idle', 'fresh', 'fetching', 'stale', 'missing']
const POLICY_STATES: readonly PolicyState[] = ['loaded', 'loading', 'outdated', 'missing']
const REDIS_STATES: readonly RedisStatus['state'][] = ['up', 'opening', 'away']
const MAX_LINES = 10

/** What several processes that do the same work say together. */
export function mergeSnapshots(snapshots: readonly GatewaySnapshot[]): GatewaySnapshot {
  const all = <T>(list: (snapshot: GatewaySnapshot) => readonly T[]) => snapshots.flatMap(list)
  const memories = snapshots.flatMap(({ memory }) => memory ?? [])
  const guards = snapshots.flatMap(({ guard }) => guard ?? [])
  return {
    entities: merged(
      all(({ entities }) => entities),
      ({ entity }) => entity,
      (_, last) => last,
    ),
    issuers: merged(
      all(({ issuers }) => issuers),
      nameOfIssuer,
      worseKeys,
    ),
    redis: merged(
      all(({ redis }) => redis),
      ({ redis }) => redis,
      worseRedis,
    ),
    ...(memories.length > 0 && {
      memory: {
        entries: sum(memories.map(({ entries }) => entries)),
        max_entries: sum(memories.map((memory) => memory.max_entries)),
      },
    }),
    // Two versions of one file are two rows: a worker has not read the new one yet.
    policies: merged(
      all(({ policies }) => policies),
      ({ policy, sha256 = '' }) => `${policy}\n${sha256}`,
      worsePolicy,
    ),
    audit: merged(
      all(({ audit }) => audit),
      ({ sink }) => sink,
      bothSinks,
    ),
    ...(guards.length > 0 && { guard: guards.includes('not_seen') ? 'not_seen' : 'seen' }),
    warnings: newest(all(({ warnings }) => warnings)),
  }
}

function merged<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  join: (first: T, next: T) => T,
): readonly T[] {
  const found = new Map<string, T>()
  for (const row of rows) {
    const key = keyOf(row)
    const before = found.get(key)
    found.set(key, before === undefined ? row : join(before, row))
  }
  return [...found.values()]
}

/** One issuer may be fetched with several settings. */
function nameOfIssuer({ issuer, source }: IssuerStatus): string {
  return `${source} ${issuer}`
}

function worseKeys(a: IssuerStatus, b: IssuerStatus): IssuerStatus {
  return {
    ...(KEY_STATES.indexOf(b.state) > KEY_STATES.indexOf(a.state) ? b : a),
    fetches: a.fetches + b.fetches,
    failures: a.failures + b.failures,
  }
}

function worseRedis(a: RedisStatus, b: RedisStatus): RedisStatus {
  return {
    ...(REDIS_STATES.indexOf(b.state) > REDIS_STATES.indexOf(a.state) ? b : a),
    became_up: a.became_up + b.became_up,
    became_away: a.became_away + b.became_away,
    degraded: a.degraded + b.degraded,
    unavailable: a.unavailable + b.unavailable,
  }
}

function worsePolicy(a: PolicyStatus, b: PolicyStatus): PolicyStatus {
  return {
    ...(POLICY_STATES.indexOf(b.state) > POLICY_STATES.indexOf(a.state) ? b : a),
    reload_failures: a.reload_failures + b.reload_failures,
  }
}

function bothSinks(a: SinkStatus, b: SinkStatus): SinkStatus {
  return {
    ...(b.cause === undefined ? a : b),
    written: a.written + b.written,
    dropped: a.dropped + b.dropped,
    waiting: a.waiting + b.waiting,
  }
}

function newest(lines: readonly RecentLine[]): readonly RecentLine[] {
  const one = merged(
    lines,
    ({ level, text }) => `${level} ${text}`,
    (a, b) => ({ ...(b.at > a.at ? b : a), times: a.times + b.times }),
  )
  // Instants of one form are in the order of their texts.
  return one.toSorted((a, b) => (a.at < b.at ? -1 : 1)).slice(-MAX_LINES)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
