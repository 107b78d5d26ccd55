import type { Log } from '../ports/log.ts'
import type { JwksFault } from './fetch-jwk-set.ts'
import type { JwkSet } from './jwk-set.ts'

/**
 * What the operator reads about the keys of one issuer: a line for each failed fetch, which the
 * back-off bounds, and one when something changes for the better or the document is doubtful.
 */
export class KeySetReports {
  readonly #issuer: string
  readonly #log: Log
  #failing = false
  #lastDoubts = ''

  constructor(issuer: string, log: Log) {
    this.#issuer = issuer
    this.#log = log
  }

  fault({ message }: JwksFault, keysHeld: number, waitMs: number): void {
    this.#failing = true
    this.#log.warn('the keys of an issuer could not be fetched', {
      issuer: this.#issuer,
      cause: message,
      keys_held: keysHeld,
      retry_seconds: Math.ceil(waitMs / 1000),
    })
  }

  document({ keys, dropped }: JwkSet): void {
    const issuer = this.#issuer
    if (this.#failing) this.#log.info('the keys of an issuer are fetched again', { issuer })
    this.#failing = false
    const doubts = keys.size === 0 ? ['no usable key', ...dropped] : dropped
    const text = doubts.join('; ')
    // An issuer that also publishes RSA keys would otherwise fill the log, a line per refresh.
    if (text !== '' && text !== this.#lastDoubts) {
      const fields = { issuer, keys: keys.size, dropped: dropped.length, cause: text }
      this.#log.warn('an issuer publishes keys that cannot be used', fields)
    }
    this.#lastDoubts = text
  }

  purge(): void {
    this.#log.info('the keys of an issuer were dropped on request', { issuer: this.#issuer })
  }
}
