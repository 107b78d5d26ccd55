import { createHash } from 'node:crypto'

/** What several entities of one process hold together, made by the first that asks. */
export class Shared<T> {
  readonly #made = new Map<string, T>()

  /** The one thing for these settings. */
  of(settings: unknown, make: () => T): T {
    const key = createHash('sha256').update(JSON.stringify(settings)).digest('base64url')
    const existing = this.#made.get(key)
    if (existing !== undefined) return existing
    const fresh = make()
    this.#made.set(key, fresh)
    return fresh
  }

  get all(): Iterable<T> {
    return this.#made.values()
  }
}
