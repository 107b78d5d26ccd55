import type { Clock } from '../../lib/ports/clock.ts'
import type { MintedToken, TokenRequest, TokenSource } from './token-source.ts'

/** A token that would expire sooner than this is not worth sending: clocks differ and requests queue. */
const LEAST_REMAINING_MS = 10_000

interface TokenPoolOptions {
  readonly source: TokenSource
  readonly request: TokenRequest
  /** Tokens to hold ready. */
  readonly size: number
  readonly clock: Clock
}

/**
 * Holds a few tokens that differ in nothing but their id, so that calls need not wait for the issuer.
 * Each is handed out once. Refilled when one is taken, never by a timer: an idle process stays idle.
 */
export class TokenPool {
  readonly #options: TokenPoolOptions
  #ready: MintedToken[] = []
  #coming = 0

  constructor(options: TokenPoolOptions) {
    this.#options = options
  }

  async take(signal?: AbortSignal): Promise<string> {
    const { source, request } = this.#options
    this.#dropStale()
    const taken = this.#ready.shift()
    this.#refill()
    return (taken ?? (await source.mint(request, signal))).token
  }

  /** Forgets what is held: the gateway does not take tokens as old as these any more. */
  clear(): void {
    this.#ready = []
  }

  #dropStale(): void {
    const { clock, request } = this.#options
    const margin = Math.min(LEAST_REMAINING_MS, request.ttlSeconds * 500)
    this.#ready = this.#ready.filter(({ expiresAt }) => expiresAt - margin > clock.now())
  }

  #refill(): void {
    const { source, request, size } = this.#options
    for (; this.#ready.length + this.#coming < size; this.#coming++) {
      source.mint(request).then(
        (token) => {
          this.#coming--
          this.#ready.push(token)
        },
        // The next call that finds nothing ready asks itself and hears why.
        () => {
          this.#coming--
        },
      )
    }
  }
}
