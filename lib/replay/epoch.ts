import type { Clock } from '../ports/clock.ts'
import { ANONYMOUS, type RedisLink, type Server } from '../redis/redis-link.ts'

const ATTEMPTS = 3
/** So often the same server may be found under a mark of another before its identity is distrusted. */
const CONTESTED = 3
/** An epoch further ahead than this was written by a gateway whose clock is wrong. */
const CLOCK_FAULT_SECONDS = 60

interface EpochOptions {
  readonly link: RedisLink
  readonly clock: Clock
  /** Told when a history has been begun here, at Unix `seconds`. */
  readonly onBegin: (seconds: number, why: string) => void
  /** Told of a mark that lies in the future, at Unix `seconds`. */
  readonly onFuture: (seconds: number) => void
}

/** `<Unix seconds> <server>`: since when that server remembers every use. */
type Mark = string

const MARK = /^(\d{1,12}) (\S+)$/

interface Beginning {
  readonly mark: Mark
  readonly seconds: number
  /** Who wrote the mark. */
  readonly server: Server
}

/**
 * Knows since when a Redis remembers, so that what it has forgotten is refused and not believed to be
 * new. History begins anew when the mark is missing (emptied, other database), or when another server
 * wrote it (restarted from a snapshot, failed over to a replica that lagged). W-11.
 */
export class Epoch {
  readonly #options: EpochOptions
  readonly #key: string
  /** The mark in force, and the server it was found on. */
  #agreed: { readonly beginning: Beginning; readonly server: Server } | undefined
  /** Latest `iat` this process has accepted under that mark; an issuer's clock may be ahead. */
  #newest = Number.NEGATIVE_INFINITY
  #contests = 0
  #settling: Promise<void> | undefined

  constructor(key: string, options: EpochOptions) {
    this.#key = key
    this.#options = options
  }

  /**
   * Whether a token issued at `issuedAt` (Unix seconds) can only have been used within the history of
   * `server`. `mark` is what stood under the key **after** its use was recorded. Rejects when Redis
   * fails.
   */
  async covers(issuedAt: number, mark: unknown, server: Server): Promise<boolean> {
    if (!this.#isAgreed(mark, server)) await this.#settle(mark, server)
    if (this.#agreed === undefined || issuedAt < this.#agreed.beginning.seconds) return false
    this.#newest = Math.max(this.#newest, issuedAt)
    return true
  }

  /** Sees to it that a mark stands before the first token comes. Rejects when Redis fails. */
  async prepare(server: Server): Promise<void> {
    if (this.#agreed?.server === server) return
    const mark = await this.#read()
    if (!this.#isAgreed(mark, server)) await this.#settle(mark, server)
  }

  #isAgreed(mark: unknown, server: Server): boolean {
    return this.#agreed?.beginning.mark === mark && this.#agreed?.server === server
  }

  /** One settlement at a time; whoever comes meanwhile shares it. */
  #settle(mark: unknown, server: Server): Promise<void> {
    this.#settling ??= this.#agree(mark, server).finally(() => {
      this.#settling = undefined
    })
    return this.#settling
  }

  async #agree(found: unknown, server: Server): Promise<void> {
    let mark = found
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const former = mark === null ? undefined : parse(mark)
      if (former !== undefined && this.#isOwn(former, server) && former.seconds > this.#newest) {
        return this.#adopt(former, server)
      }
      const next = this.#beginning(server)
      if (await this.#write(next.mark, mark === null)) {
        this.#options.onBegin(next.seconds, why(former, server))
        return this.#adopt(next, server)
      }
      mark = await this.#read()
    }
    throw new Error('the epoch of the replay records does not stand still')
  }

  /**
   * Whether the history behind a mark is that of `server`. Gateways behind unequal proxies may see one
   * Redis under several identities, and would overwrite each other's marks for ever: they stop.
   */
  #isOwn(beginning: Beginning, server: Server): boolean {
    if (beginning.server === server || server === ANONYMOUS) return true
    if (this.#agreed?.server !== server) return false
    this.#contests += 1
    return this.#contests > CONTESTED
  }

  /**
   * The first second that no use before now can belong to: the present second has uses in it already,
   * and so has every second up to the latest `iat` that was accepted.
   */
  #beginning(server: Server): Beginning {
    const present = Math.floor(this.#options.clock.now() / 1000)
    const seconds = Math.max(present, this.#newest) + 1
    return { mark: `${seconds} ${server}`, seconds, server }
  }

  #read(): Promise<unknown> {
    return this.#options.link.send(['get', this.#key])
  }

  /** Of several who find no mark one writes it; a mark of another server is simply replaced. */
  async #write(mark: Mark, missing: boolean): Promise<boolean> {
    const command = ['set', this.#key, mark] as const
    return (await this.#options.link.send(missing ? [...command, 'NX'] : command)) === 'OK'
  }

  #adopt(beginning: Beginning, server: Server): void {
    const { clock, onFuture } = this.#options
    this.#agreed = { beginning, server }
    this.#newest = Number.NEGATIVE_INFINITY
    const { seconds } = beginning
    if (seconds > clock.now() / 1000 + CLOCK_FAULT_SECONDS) onFuture(seconds)
  }
}

function why(former: Beginning | undefined, server: Server): string {
  if (former === undefined) return 'Redis has no epoch'
  if (former.server !== server) return 'Redis is another process than before'
  return 'Redis may have lost records since'
}

// What is not a mark of ours must not be taken for one, nor written over unseen: claims fail.
function parse(mark: unknown): Beginning {
  const [text, seconds, server] = (typeof mark === 'string' && MARK.exec(mark)) || []
  if (text === undefined || seconds === undefined || server === undefined) {
    throw new Error('the epoch of the replay records is not readable')
  }
  return { mark: text, seconds: Number(seconds), server }
}
