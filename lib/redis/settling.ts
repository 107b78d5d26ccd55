import { Signal } from '../ports/signal.ts'

/**
 * A server that is well takes a new connection in a few milliseconds: it had only ended the old one, for
 * its idleness or at an operator's wish. One that has taken none in this time is away.
 */
const SETTLING_MS = 60

/** The moment after a loss in which nobody knows yet whether the server is away. */
export class Settling {
  readonly #over = new Signal()
  readonly #timer: NodeJS.Timeout

  constructor(onLapse: () => void) {
    this.#timer = setTimeout(onLapse, SETTLING_MS)
  }

  get over(): Promise<void> {
    return this.#over.given
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#over.give()
  }
}
