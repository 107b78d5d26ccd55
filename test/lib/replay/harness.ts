import type { Log, LogFields } from '../../../lib/ports/log.ts'
import type { RedisSettings } from '../../../lib/redis/redis-settings.ts'
import { RedisReplay, type ReplayStoreChoice } from '../../../lib/replay/redis-replay.ts'
import type { ReplayStore, TokenUse, UseOutcome } from '../../../lib/replay/replay-store.ts'

export const CHOICE: ReplayStoreChoice = {
  keyFormat: 'hashed',
  revocation: true,
  knownGoodSeconds: 60,
}

export const LEEWAY_SECONDS = 30

/** One process's view of a Redis, with a clock that is moved by hand and lines that can be read. */
export class Harness {
  readonly replay: RedisReplay
  readonly store: ReplayStore
  readonly lines: string[] = []
  /** Milliseconds since the epoch. It stands still. */
  nowMs = Date.now()
  /** Milliseconds that the stopwatch is ahead of the real one. */
  #aheadMs = 0

  constructor(settings: RedisSettings, choice: Partial<ReplayStoreChoice> = {}) {
    const write = (message: string, fields: LogFields = {}) => {
      this.lines.push(`${message} ${JSON.stringify(fields)}`)
    }
    const log: Log = { info: write, warn: write, error: write }
    this.replay = new RedisReplay({
      settings,
      clock: { now: () => this.nowMs },
      stopwatch: () => performance.now() + this.#aheadMs,
      random: () => 0.5,
      log,
    })
    this.store = this.replay.store({ ...CHOICE, ...choice })
  }

  /** Opened, and past the second in which history begins. */
  static async open(
    settings: RedisSettings,
    choice: Partial<ReplayStoreChoice> = {},
  ): Promise<Harness> {
    const harness = new Harness(settings, choice)
    await harness.replay.open()
    harness.nowMs += 2000
    return harness
  }

  /** Lets time pass on both clocks. */
  pass(seconds: number): void {
    this.nowMs += seconds * 1000
    this.#aheadMs += seconds * 1000
  }

  /** A use of a token issued now; `overrides` may say otherwise. */
  use(tokenId: string, overrides: Partial<TokenUse> = {}): TokenUse {
    const issuer = overrides.issuer ?? 'https://issuer.test'
    const issuedAt = Math.floor(this.nowMs / 1000)
    return {
      issuer,
      tokenId,
      subject: 'agent://alice',
      issuedAt,
      acceptableUntil: issuedAt + 300 + LEEWAY_SECONDS,
      leewaySeconds: LEEWAY_SECONDS,
      token: `header.${issuer} ${tokenId}.signature`,
      realm: 'https://api.test\nentity',
      ...overrides,
    }
  }

  async claim(use: TokenUse): Promise<UseOutcome> {
    return this.store.claim(use, this.nowMs / 1000)
  }

  /** Claims, and gives the outcome with the milliseconds it took. */
  async timed(use: TokenUse): Promise<{ outcome: UseOutcome; ms: number }> {
    const startedAt = performance.now()
    const outcome = await this.claim(use)
    return { outcome, ms: performance.now() - startedAt }
  }
}
