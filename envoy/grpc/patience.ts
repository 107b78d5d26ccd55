import type { ServerHttp2Stream } from 'node:http2'

/** A limit is kept to a tenth of it. */
const TICKS = 10

/**
 * Streams that wait for their peer to do its part, and what becomes of those that wait too long. Time is counted in
 * ticks of this process: one that stood still for a while blames nobody for that.
 */
export class Patience {
  readonly #waiting = new Map<ServerHttp2Stream, number>()
  readonly #timer: NodeJS.Timeout
  #tick = 0

  constructor(limitMs: number, onLapse: (stream: ServerHttp2Stream) => void) {
    this.#timer = setInterval(() => {
      this.#tick++
      for (const [stream, since] of this.#waiting) {
        // The oldest come first.
        if (this.#tick - since <= TICKS) break
        this.#waiting.delete(stream)
        onLapse(stream)
      }
    }, limitMs / TICKS).unref()
  }

  /** From now on it is the peer's turn. */
  begin(stream: ServerHttp2Stream): void {
    this.#waiting.set(stream, this.#tick)
  }

  /** The peer has done its part, or nothing is expected of it any more. */
  end(stream: ServerHttp2Stream): void {
    this.#waiting.delete(stream)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
