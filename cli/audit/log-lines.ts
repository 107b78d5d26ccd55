import { unwrapLine } from './container-line.ts'

/** An audit line is shorter than 4 KiB; a joined line may be a little longer than one record. */
const JOINED_CHARS = 128 * 1024

/** Lines as programs wrote them, out of what runtimes made of them. One for each file. */
export class LogLines {
  /** By stream: a program writes to both at once, and runtimes keep what it writes in the order of arrival. */
  readonly #open = new Map<string, string>()

  /**
   * The line, or `undefined` while more of it is to come. Of an overlong one the beginning: what a caller has put
   * further back never becomes the beginning of a line.
   */
  take(line: string): string | undefined {
    const unwrapped = unwrapLine(line)
    if (unwrapped === undefined) return line
    const { stream, text, partial } = unwrapped
    const joined = ((this.#open.get(stream) ?? '') + text).slice(0, JOINED_CHARS)
    if (!partial) {
      this.#open.delete(stream)
      return joined
    }
    this.#open.set(stream, joined)
    return undefined
  }

  /** The rest of a line that was never completed, until there is none. */
  end(): string | undefined {
    for (const [stream, rest] of this.#open) {
      this.#open.delete(stream)
      if (rest !== '') return rest
    }
    return undefined
  }
}
