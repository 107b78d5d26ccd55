import { formatInstant } from '../ports/clock.ts'
import { within } from '../ports/within.ts'
import type { RedisCommand, RedisLink } from '../redis/redis-link.ts'
import { REVOCATIONS_KEY, type Revocation, type RevocationList } from './revocation-list.ts'

interface RedisRevocationListOptions {
  readonly link: RedisLink
  /** Bound on one question, connecting included. */
  readonly timeoutMs: number
}

/** The list that gateways ask, in upstream's form. Spec 8.1. */
export class RedisRevocationList implements RevocationList {
  readonly #options: RedisRevocationListOptions

  constructor(options: RedisRevocationListOptions) {
    this.#options = options
  }

  async isRevoked(subject: string): Promise<boolean> {
    return (await this.#ask('hget', REVOCATIONS_KEY, subject)) !== null
  }

  async revoke(subject: string, at: number): Promise<void> {
    await this.#ask('hset', REVOCATIONS_KEY, subject, formatInstant(at))
  }

  async unrevoke(subject: string): Promise<void> {
    await this.#ask('hdel', REVOCATIONS_KEY, subject)
  }

  async list(): Promise<readonly Revocation[]> {
    return pairsOf(await this.#ask('hgetall', REVOCATIONS_KEY))
  }

  #ask(...command: RedisCommand): Promise<unknown> {
    const { link, timeoutMs } = this.#options
    return within(
      timeoutMs,
      link.open().then(() => link.send(command)),
    )
  }
}

/** The reply is a flat list or an object, as the client has it. */
function pairsOf(reply: unknown): readonly Revocation[] {
  if (typeof reply !== 'object' || reply === null) throw new Error('the revocations are not a hash')
  const flat = Array.isArray(reply) ? reply.map(String) : Object.entries(reply).flat().map(String)
  return flat.flatMap((subject, at) =>
    at % 2 === 0 ? [{ subject, revokedAt: flat[at + 1] ?? '' }] : [],
  )
}
