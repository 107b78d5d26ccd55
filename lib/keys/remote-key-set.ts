import { LRUCache } from 'lru-cache'
import type { Clock } from '../ports/clock.ts'
import type { Http } from '../ports/http.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { KeyState } from '../status/snapshot.ts'
import type { JwksFault } from './fetch-jwk-set.ts'
import { MAX_KID_LENGTH } from './jwk.ts'
import type { JwkSet } from './jwk-set.ts'
import type { KeySet, KeySetStats, OnFetch } from './key-set.ts'
import { KeySetReports } from './key-set-reports.ts'
import type { KeySettings } from './key-settings.ts'
import type { KeyLookup } from './key-source.ts'
import type { Later } from './later.ts'
import { RefreshBudget } from './refresh-budget.ts'
import { Refresher } from './refresher.ts'

/** A good document and its times in milliseconds of the clock. */
interface KeyDocument extends JwkSet {
  /** When its fetch began: it may have been outdated by the time it arrived. */
  readonly fetchedAt: number
  /** From then on it is fetched anew in the background. */
  readonly refreshAt: number
}

interface RemoteKeySetOptions {
  readonly issuer: string
  readonly url: URL
  readonly settings: KeySettings
  readonly http: Http
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly later: Later
  readonly onFetch?: OnFetch | undefined
}

const UNKNOWN: KeyLookup = { found: 'unknown_kid' }
const UNREACHABLE: KeyLookup = { found: 'unreachable' }
const INVALID: KeyLookup = { found: 'invalid_document' }
const MAX_MISSES = 256
/** After so many lifetimes without a call, nothing is fetched until the next one. */
const IDLE_LIFETIMES = 10

/** The keys that one issuer publishes at a URL. Opens nothing before it is asked. Spec 5.3. */
export class RemoteKeySet implements KeySet {
  readonly #options: RemoteKeySetOptions
  readonly #ttlMs: number
  /** One entry, which ends when it may not even serve as stale. */
  readonly #documents: LRUCache<'current', KeyDocument>
  readonly #misses: LRUCache<string, true>
  readonly #budget: RefreshBudget
  readonly #refresher: Refresher
  readonly #reports: KeySetReports
  /** Why the last failed fetch failed. */
  #fault: KeyLookup = UNREACHABLE
  #usedAt = 0
  #everFetched = false
  #timer = false

  constructor(options: RemoteKeySetOptions) {
    const { settings, clock, url, http, random, later } = options
    const cooldownMs = settings.refreshCooldownSeconds * 1000
    const usableMs = (settings.ttlSeconds + settings.staleIfErrorSeconds) * 1000
    // A coarser resolution would ask the system's timers instead of the clock.
    const byClock = { ttlResolution: 0, perf: clock }
    this.#options = options
    this.#ttlMs = settings.ttlSeconds * 1000
    this.#documents = new LRUCache({ max: 1, ttl: usableMs, ...byClock })
    this.#misses = new LRUCache({ max: MAX_MISSES, ttl: cooldownMs, ...byClock })
    this.#reports = new KeySetReports(options.issuer, options.log)
    this.#budget = new RefreshBudget(cooldownMs)
    this.#refresher = new Refresher({
      ...{ http, url, clock, random, later, timeoutMs: settings.timeoutMs },
      onStart: (now) => this.#budget.spend(now),
      onDocument: (set, startedAt) => this.#accept(set, startedAt),
      onFault: (fault) => this.#reject(fault),
    })
  }

  find(kid: string): KeyLookup | Promise<KeyLookup> {
    const now = this.#options.clock.now()
    this.#usedAt = now
    const document = this.#document(now)
    if (document === undefined) {
      const flight = this.#refresher.refresh(now)
      return flight === undefined ? this.#fault : flight.then(() => this.#findAfterFlight(kid))
    }
    if (now >= document.refreshAt) {
      const flight = this.#refresher.refresh(now)
      // Past its lifetime a document serves only while the issuer is known to be failing.
      if (flight && now - document.fetchedAt >= this.#ttlMs && !this.#refresher.failing) {
        return flight.then(() => this.#findAfterFlight(kid))
      }
    }
    return document.keys.get(kid) ?? this.#findUnknown(kid, now)
  }

  async prewarm(): Promise<void> {
    const now = this.#options.clock.now()
    this.#usedAt = now
    if (this.#document(now) === undefined) await this.#refresher.refresh(now)
  }

  purge(): void {
    if (this.#refresher.fetches === 0) return
    this.#documents.clear()
    this.#reports.purge()
    this.#refresher.restart(this.#options.clock.now())
  }

  stats(): KeySetStats {
    const now = this.#options.clock.now()
    const document = this.#document(now)
    this.#misses.purgeStale()
    return {
      issuer: this.#options.issuer,
      source: 'remote',
      state: this.#stateAt(now, document),
      fetches: this.#refresher.fetches,
      failures: this.#refresher.failures,
      keys: document?.keys.size ?? 0,
      droppedKeys: document?.dropped.length ?? 0,
      everFetched: this.#everFetched,
      misses: this.#misses.size,
      ...(document && { ageSeconds: (now - document.fetchedAt) / 1000 }),
    }
  }

  #stateAt(now: number, document: KeyDocument | undefined): KeyState {
    if (this.#isIdle(now)) return 'idle'
    if (document !== undefined && now - document.fetchedAt < this.#ttlMs) return 'fresh'
    if (!this.#refresher.failing) return 'fetching'
    return document === undefined ? 'missing' : 'stale'
  }

  #isIdle(now: number): boolean {
    return now - this.#usedAt > IDLE_LIFETIMES * this.#ttlMs
  }

  /** The document held, unless even its stale window is over. */
  #document(now: number): KeyDocument | undefined {
    const document = this.#documents.get('current')
    if (document === undefined || document.fetchedAt <= now) return document
    // The clock was set back. A lifetime that starts anew is bounded; waiting for the old one is not.
    return this.#keep(document, now)
  }

  #keep(set: JwkSet, fetchedAt: number): KeyDocument {
    const { settings, random } = this.#options
    // About 80 % of the lifetime, spread so that a fleet does not ask as one, but early enough for a
    // whole time-out to end within the lifetime: past it, calls would have to wait.
    const spreadMs = this.#ttlMs * 0.8 * (0.95 + random() / 10)
    const latestMs = this.#ttlMs - Math.min(settings.timeoutMs, this.#ttlMs / 2)
    const refreshAt = fetchedAt + Math.min(spreadMs, latestMs)
    const document = { ...set, fetchedAt, refreshAt }
    this.#documents.set('current', document, { start: fetchedAt })
    return document
  }

  /** A kid that the document does not hold is worth one fetch, if the budget has one. W-04. */
  #findUnknown(kid: string, now: number): KeyLookup | Promise<KeyLookup> {
    if (kid.length > MAX_KID_LENGTH || this.#misses.has(kid)) return UNKNOWN
    const flight =
      this.#refresher.flight ??
      (this.#budget.allows(now) ? this.#refresher.refresh(now) : undefined)
    return flight === undefined ? UNKNOWN : flight.then(() => this.#findAfterFlight(kid))
  }

  #findAfterFlight(kid: string): KeyLookup {
    const document = this.#document(this.#options.clock.now())
    if (document === undefined) return this.#fault
    const lookup = document.keys.get(kid)
    if (lookup !== undefined) return lookup
    if (!this.#refresher.failing && kid.length <= MAX_KID_LENGTH) this.#misses.set(kid, true)
    return UNKNOWN
  }

  #accept(set: JwkSet, startedAt: number): void {
    this.#keep(set, startedAt)
    this.#everFetched = true
    this.#options.onFetch?.(this.#options.issuer, 'ok')
    this.#reports.document(set)
    this.#arm()
  }

  #reject(fault: JwksFault): void {
    const now = this.#options.clock.now()
    const document = this.#document(now)
    this.#fault = fault.found === 'unreachable' ? UNREACHABLE : INVALID
    this.#options.onFetch?.(this.#options.issuer, 'failed')
    this.#reports.fault(fault, document?.keys.size ?? 0, this.#refresher.waitMs(now))
    this.#arm()
  }

  /** Sets the one timer that refreshes ahead of use. */
  #arm(): void {
    if (this.#timer) return
    const now = this.#options.clock.now()
    this.#timer = true
    const dueAt = this.#document(now)?.refreshAt ?? now
    this.#options.later(() => this.#tick(), Math.max(0, dueAt - now, this.#refresher.waitMs(now)))
  }

  #tick(): void {
    const now = this.#options.clock.now()
    this.#timer = false
    if (this.#isIdle(now)) return
    const isDue = now >= (this.#document(now)?.refreshAt ?? now)
    // The end of the fetch sets the timer again.
    if (!isDue || this.#refresher.refresh(now) === undefined) this.#arm()
  }
}
