/**
 * What one process of a gateway knows of itself, or several together. The members have the names that
 * `oathmesh status --json` prints. Holds no secret: no key, token, password, claim or userinfo of a URL.
 */
export interface GatewaySnapshot {
  readonly entities: readonly EntityStatus[]
  readonly issuers: readonly IssuerStatus[]
  readonly redis: readonly RedisStatus[]
  /** The memory of used tokens; absent where none is kept. */
  readonly memory?: MemoryStatus
  readonly policies: readonly PolicyStatus[]
  readonly audit: readonly SinkStatus[]
  /** Whether the guard's first function has run before a request; absent where it is not known. */
  readonly guard?: 'seen' | 'not_seen'
  /** The newest warnings and errors, oldest first. */
  readonly warnings: readonly RecentLine[]
}

/** What one entity was configured with last. */
export interface EntityStatus {
  /** The gateway's id of it, or the name of an Envoy policy; empty where the gateway gives none. */
  readonly entity: string
  readonly audience: string
  readonly enforcement: 'enforce' | 'observe'
  /** As in `issuers`. */
  readonly issuers: readonly string[]
  /** `memory`, or as in `redis`. */
  readonly replay: string
  /** As in `policies`. */
  readonly policy: string
}

/**
 * - `fresh`: the keys are within their lifetime, or stand in the configuration.
 * - `stale`: the issuer is away, and keys past their lifetime serve for the time that is allowed.
 * - `missing`: the last fetch failed and no key is held: calls are refused.
 * - `fetching`: the first fetch is under way. `idle`: nobody has asked for a long time.
 */
export type KeyState = 'fresh' | 'stale' | 'missing' | 'fetching' | 'idle'

export interface IssuerStatus {
  readonly issuer: string
  readonly source: 'inline' | 'remote'
  readonly state: KeyState
  /** Usable keys held. */
  readonly keys: number
  /** Seconds since the fetch of the document held began; absent without one. */
  readonly age_seconds?: number
  /** Since the process started. */
  readonly fetches: number
  readonly failures: number
}

export interface RedisStatus {
  /** Which Redis it is, without credentials. */
  readonly redis: string
  /** `opening`: not known yet, the first connection is being made. */
  readonly state: 'up' | 'away' | 'opening'
  /** Why it cannot be used; with `away`. */
  readonly cause?: string
  /** How often it has become usable, and ceased to be. */
  readonly became_up: number
  readonly became_away: number
  /** Calls that passed because it was away, and calls that were refused for want of it. */
  readonly degraded: number
  readonly unavailable: number
}

export interface MemoryStatus {
  readonly entries: number
  readonly max_entries: number
}

/**
 * - `loaded`: the version in force is the one that stands there.
 * - `outdated`: a newer version is faulty, the one before decides.
 * - `missing`: no version has been valid: calls are refused. `loading`: the first is being read.
 */
export type PolicyState = 'loaded' | 'outdated' | 'missing' | 'loading'

export interface PolicyStatus {
  /** The file; `inline` with the entity for rules of a configuration; `allow_all`. */
  readonly policy: string
  readonly state: PolicyState
  /** Hex digest of the version in force: of the file's JSON text, or of the rules as JSON. */
  readonly sha256?: string
  readonly rules?: number
  /** Why a newer version does not decide. */
  readonly cause?: string
  readonly reload_failures: number
}

export interface SinkStatus {
  /** The file; `host` for the log of the gateway. */
  readonly sink: string
  readonly written: number
  /** Lines that were lost. */
  readonly dropped: number
  /** Lines that wait to be written. */
  readonly waiting: number
  /** Why nothing is written at present. */
  readonly cause?: string
}

/** A line for the operator, escaped and bounded. */
export interface RecentLine {
  /** RFC 3339, UTC: when it was written last. */
  readonly at: string
  readonly level: 'warn' | 'error'
  readonly text: string
  readonly times: number
}

/** What a process knows before anything has been opened. */
export const EMPTY_SNAPSHOT: GatewaySnapshot = {
  entities: [],
  issuers: [],
  redis: [],
  policies: [],
  audit: [],
  warnings: [],
}
