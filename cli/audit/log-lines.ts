import { type Unwrapped, unwrapLine } from './container-line.ts'

/** An audit line is shorter than 4 KiB; a joined line may be a little longer than one record. */
const JOINED_CHARS = 128 * 1024

/** Lines as programs wrote them, out of what runtimes made of them. One for each file. */
export class LogLines {
  #joined = ''

  /** The line, or `undefined` while more of it is to come. */
  take(line: string): string | undefined {
    const unwrapped = unwrapLine(line)
    const text = this.#joined + (unwrapped?.text ?? line)
    this.#joined = ''
    if (!isPartial(unwrapped) || text.length > JOINED_CHARS) return text
    this.#joined = text
    return undefined
  }

  /** The rest of a line that was never completed, if there is one. */
  end(): string | undefined {
    const rest = this.#joined
    this.#joined = ''
    return rest === '' ? undefined : rest
  }
}

function isPartial(unwrapped: Unwrapped | undefined): boolean {
  return unwrapped?.partial === true
}
