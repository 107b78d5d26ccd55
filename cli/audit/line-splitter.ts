/** Lines of nginx end at 4096 bytes, ours before that; more than this of a line is not kept. */
const LINE_BYTES = 64 * 1024
const LF = 0x0a

/** Cuts bytes that arrive in pieces into lines. Keeps at most one line, of bounded length. */
export class LineSplitter {
  #pieces: Buffer[] = []
  #length = 0

  /** The lines that this piece completes, without line ends. An overlong one is cut. */
  push(piece: Buffer): readonly string[] {
    const lines: string[] = []
    let start = 0
    for (let end = piece.indexOf(LF); end !== -1; end = piece.indexOf(LF, start)) {
      this.#keep(piece.subarray(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    this.#keep(piece.subarray(start))
    return lines
  }

  /** The last line when no line feed ends it. */
  end(): readonly string[] {
    return this.#length === 0 ? [] : [this.#take()]
  }

  #keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, LINE_BYTES - this.#length)
    if (kept.length === 0) return
    this.#pieces.push(kept)
    this.#length += kept.length
  }

  #take(): string {
    const text = Buffer.concat(this.#pieces).toString('utf8')
    this.#pieces = []
    this.#length = 0
    return text.endsWith('\r') ? text.slice(0, -1) : text
  }
}
