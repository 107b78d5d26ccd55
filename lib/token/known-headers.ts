import type { Header } from './header.ts'

/** As many keys as all issuers of an estate are likely to sign with at a time. */
const MAX_HEADERS = 256
/** Far above what an issuer sends; bounds the memory that callers can fill. */
const MAX_CHARACTERS = 512

/**
 * Headers that were found good, by their encoded text: an issuer sends the same one with every token, until it
 * signs with another key. Callers choose the text, so there is a bound, and the oldest makes way.
 */
export class KnownHeaders {
  readonly #headers = new Map<string, Header>()

  get(text: string): Header | undefined {
    return this.#headers.get(text)
  }

  add(text: string, header: Header): void {
    if (text.length > MAX_CHARACTERS) return
    if (this.#headers.size >= MAX_HEADERS) this.#forgetOldest()
    this.#headers.set(text, header)
  }

  get size(): number {
    return this.#headers.size
  }

  #forgetOldest(): void {
    for (const text of this.#headers.keys()) {
      this.#headers.delete(text)
      return
    }
  }
}
