/**
 * Gives up a frame that was begun and does not become whole. Kong sends each in one go; whoever stops within one would
 * hold what has come of it for ever.
 */
export class FramePatience {
  readonly #limitMs: number
  readonly #onLapse: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(limitMs: number, onLapse: () => void) {
    this.#limitMs = limitMs
    this.#onLapse = onLapse
  }

  /** A part of a frame is there. */
  wait(): void {
    // After a stall of this very process the rest may lie in the socket: read it before giving up.
    this.#timer ??= setTimeout(() => {
      this.#timer = setTimeout(this.#onLapse, 0)
    }, this.#limitMs).unref()
  }

  /** The frame has become whole, or nobody waits for it any more. */
  end(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
