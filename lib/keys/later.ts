/** Runs something once, after a delay in milliseconds. */
export type Later = (run: () => void, delayMs: number) => void

/** A timer that does not keep the process alive. */
export const unrefTimer: Later = (run, delayMs) => {
  setTimeout(run, delayMs).unref()
}
