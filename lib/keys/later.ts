/** Runs something once, after a delay in milliseconds. */
export type Later = (run: () => void, delayMs: number) => void

/** Node takes a longer delay for none at all. Whoever asked for more is woken early and asks again. */
const LONGEST_MS = 2 ** 31 - 1

/** A timer that does not keep the process alive. */
export const unrefTimer: Later = (run, delayMs) => {
  setTimeout(run, Math.min(delayMs, LONGEST_MS)).unref()
}
