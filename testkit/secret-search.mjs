/** What `testkit/planted.ts` makes, and the beginning of every Ed25519 private key in PEM. */
const SECRET = /planted-[\w -]+?-[0-9a-f]{32}|MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{20,}/g

/** Searches streams line by line for planted secrets. */
export class SecretSearch {
  lines = 0
  found = 0
  /** Of each stream, what has come of a line that has not ended. */
  #begun = new Map()

  take(stream, chunk) {
    const lines = `${this.#begun.get(stream) ?? ''}${chunk}`.split('\n')
    this.#begun.set(stream, lines.pop() ?? '')
    this.lines += lines.length
    for (const line of lines) this.found += line.match(SECRET)?.length ?? 0
  }
}
