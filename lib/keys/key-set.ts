import type { KeyState } from '../status/snapshot.ts'
import type { KeyLookup } from './key-source.ts'

/** The keys of one issuer. Never rejects for anything the issuer or a caller does. */
export interface KeySet {
  /** Synchronous when the answer is cached, and when it is known that asking would not help now. */
  find(kid: string): KeyLookup | Promise<KeyLookup>
  /** Fulfilled when a first fetch has ended, well or badly. */
  prewarm(): Promise<void>
  /** Forgets every fetched key at once and fetches again in the background. */
  purge(): void
  stats(): KeySetStats
}

/** Is told how each fetch has ended. */
export type OnFetch = (issuer: string, result: 'ok' | 'failed') => void

/** Counters since the process started, and what is held now. */
export interface KeySetStats {
  readonly issuer: string
  readonly source: 'inline' | 'remote'
  readonly state: KeyState
  readonly fetches: number
  /** Fetches that gave no good document. */
  readonly failures: number
  /** Usable keys held now, stale ones included. */
  readonly keys: number
  /** Unusable keys in the document held now. */
  readonly droppedKeys: number
  /** Seconds since the fetch of the document held now began; absent without one. */
  readonly ageSeconds?: number
  /** Whether a good document has ever been there. */
  readonly everFetched: boolean
  /** Unknown key ids remembered now; bounded. */
  readonly misses: number
}
