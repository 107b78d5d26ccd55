/** Lines that wait for a slow reader: some seconds at a thousand calls a second, and no more. */
const MAX_BYTES = 1 << 20

export const TOO_SLOW = `the reader is too slow: ${MAX_BYTES >> 20} MiB of lines wait for it`

/** Lines that could not be written yet, in their order and in bounded memory. */
export class Backlog {
  #lines: Buffer[] = []
  #bytes = 0

  get size(): number {
    return this.#lines.length
  }

  /** False where there is no room: the newest line is the one that is lost, so that what is kept is whole. */
  push(line: Buffer): boolean {
    if (this.#bytes + line.length > MAX_BYTES) return false
    this.#lines.push(line)
    this.#bytes += line.length
    return true
  }

  /**
   * Gives the lines to `write`, in order, until one is not taken whole. It gives how many bytes it has taken; 0
   * where the reader takes none now. What it throws goes on, and the line is kept.
   */
  drain(write: (line: Buffer) => number, onWritten: () => void): void {
    let done = 0
    try {
      for (const line of this.#lines) {
        const taken = write(line)
        this.#bytes -= taken
        if (taken < line.length) {
          this.#lines[done] = line.subarray(taken)
          return
        }
        done += 1
        onWritten()
      }
    } finally {
      this.#lines.splice(0, done)
    }
  }

  /** Gives up what waits, and says how many lines it was. */
  clear(): number {
    const { length } = this.#lines
    this.#lines = []
    this.#bytes = 0
    return length
  }
}
