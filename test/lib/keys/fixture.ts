import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { KeyCache } from '../../../lib/keys/key-cache.ts'
import type { KeySettings, TrustedIssuer } from '../../../lib/keys/key-settings.ts'
import type { KeyLookup } from '../../../lib/keys/key-source.ts'
import { type Http, type HttpAnswer, NodeHttp } from '../../../lib/ports/http.ts'
import type { Log, LogFields } from '../../../lib/ports/log.ts'

export const SETTINGS: KeySettings = {
  ttlSeconds: 60,
  staleIfErrorSeconds: 600,
  refreshCooldownSeconds: 30,
  timeoutMs: 2000,
  allowHttp: true,
}

/** The jitter of the tests is always in the middle. */
export const halfway = () => 0.5

/** A clock and the timers that run by it. */
export class FakeTime {
  #now = 1_774_911_000_000
  #timers: { at: number; run: () => void }[] = []

  readonly clock = { now: () => this.#now }

  readonly later = (run: () => void, delayMs: number) => {
    this.#timers.push({ at: this.#now + delayMs, run })
  }

  get pendingTimers(): number {
    return this.#timers.length
  }

  /** Moves the clock alone: as if every timer were late. */
  jump(seconds: number): void {
    this.#now += seconds * 1000
  }

  /** Moves the clock and runs the timers that are due, which may begin fetches. */
  advance(seconds: number): void {
    const until = this.#now + seconds * 1000
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
    }
    this.#now = until
  }
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

export class RecordingLog implements Log {
  readonly lines: LogLine[] = []

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields })
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields })
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields })
  }
}

/** The real client, which can be waited for. */
class CountingHttp implements Http {
  readonly #http = new NodeHttp()
  #pending = 0

  async get(...request: Parameters<Http['get']>): Promise<HttpAnswer> {
    this.#pending++
    try {
      return await this.#http.get(...request)
    } finally {
      this.#pending--
    }
  }

  /** Fulfilled when what was asked for has been answered and taken in. */
  async settled(): Promise<void> {
    await setImmediate()
    await until(() => this.#pending === 0)
    await setImmediate()
  }
}

interface CacheOptions {
  readonly issuers: readonly TrustedIssuer[]
  readonly settings?: Partial<KeySettings>
}

/** A cache whose time and log lines are in the hands of the test, and whose fetches it can await. */
export function cacheOf(options: CacheOptions) {
  const http = new CountingHttp()
  return { ...cacheWithOwnClient(options, { http }), settled: () => http.settled() }
}

/** The same with the client that the cache makes for itself. */
export function cacheWithOwnClient(
  { issuers, settings }: CacheOptions,
  ports: { readonly http?: Http } = {},
) {
  const time = new FakeTime()
  const log = new RecordingLog()
  const cache = new KeyCache({
    ...ports,
    issuers,
    settings: { ...SETTINGS, ...settings },
    clock: time.clock,
    log,
    random: halfway,
    later: time.later,
  })
  return { cache, time, log }
}

/** A new key pair, and its public half as an entry of a JWK set. */
export function newKey(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { kid, privateKey, publicKey, jwk: jwkOf(kid, publicKey) }
}

export function jwkOf(kid: string, key: KeyObject): Record<string, unknown> {
  const { x } = createPublicKeyIfPrivate(key).export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' }
}

function createPublicKeyIfPrivate(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}

/** `found` of a lookup that must not have had to wait. */
export function atOnce(lookup: KeyLookup | Promise<KeyLookup>): KeyLookup['found'] {
  if (lookup instanceof Promise) throw new Error('the lookup had to wait')
  return lookup.found
}

/** `found` of a lookup that has to wait. */
export async function waited(lookup: KeyLookup | Promise<KeyLookup>): Promise<KeyLookup['found']> {
  if (!(lookup instanceof Promise)) throw new Error('the lookup was answered at once')
  return (await lookup).found
}

/** Lets real I/O go on until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 3000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition was never met')
    await setImmediate()
  }
}
