import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { MintCaller } from '../mint-caller.ts'
import { matchesHash, nobodysHash, readSecretHash, type SecretHash } from './secret-hash.ts'
import { SlowChecks } from './slow-checks.ts'

/** A caller known by name and secret. */
export interface StaticClient {
  readonly name: string
  /** The secrets that are good: two while one replaces the other. */
  readonly secretHashes: readonly string[]
}

interface KnownClient {
  readonly caller: MintCaller
  readonly hashes: readonly SecretHash[]
  /** Keyed digests of the secrets that have matched: one for each hash at most. */
  readonly seen: Buffer[]
}

/**
 * The static clients. A secret is checked against its slow hash once; from then on a keyed digest of
 * it, under a key that only this process has, is compared in constant time. So a client in good
 * standing costs microseconds, and whoever guesses competes with other guessers alone.
 */
export class StaticClients {
  readonly #clients = new Map<string, KnownClient>()
  readonly #key = randomBytes(32)
  readonly #slow = new SlowChecks()

  /** Throws `TypeError` that names the field. */
  constructor(clients: readonly StaticClient[]) {
    for (const [index, { name, secretHashes }] of clients.entries()) {
      if (this.#clients.has(name)) throw new TypeError(`clients[${index}].name: is given twice`)
      const hashes = secretHashes.map((text, at) => {
        try {
          return readSecretHash(text)
        } catch (cause) {
          const fault = cause instanceof Error ? cause.message : ''
          throw new TypeError(`clients[${index}].secret_hashes[${at}]: ${fault}`)
        }
      })
      const caller = { name: `client:${name}`, limitKey: `client:${name}` }
      this.#clients.set(name, { caller, hashes, seen: [] })
    }
  }

  /** Whether there is a client of this name. */
  knows(name: string): boolean {
    return this.#clients.has(name)
  }

  /** The client, if this secret has been found good before. Fast. */
  recall(name: string, secret: string): MintCaller | undefined {
    const client = this.#clients.get(name)
    const digest = this.#digest(name, secret)
    return client?.seen.some((seen) => timingSafeEqual(seen, digest)) ? client.caller : undefined
  }

  /**
   * The client whose secret this is. Slow, and bounded: refuses `credentials_busy` when too many wait.
   * `begin` is called before a check begins, and not by who waits for one under way; it may throw.
   */
  async check(name: string, secret: string, begin: () => void): Promise<MintCaller | undefined> {
    const client = this.#clients.get(name)
    const digest = this.#digest(name, secret)
    const good = await this.#slow.run(digest.toString('base64url'), {
      begin,
      check: () => matchesAny(secret, client?.hashes ?? [nobodysHash]),
    })
    if (client === undefined || !good) return undefined
    if (!client.seen.some((seen) => seen.equals(digest))) client.seen.push(digest)
    return client.caller
  }

  #digest(name: string, secret: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([name, secret]))
      .digest()
  }
}

async function matchesAny(secret: string, hashes: readonly SecretHash[]): Promise<boolean> {
  for (const hash of hashes) if (await matchesHash(secret, hash)) return true
  return false
}
