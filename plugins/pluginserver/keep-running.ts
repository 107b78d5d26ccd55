import type { Log } from '../../lib/index.ts'
import { causeText } from './session/cause-text.ts'

/**
 * Keeps the process alive through faults that belong to no request in particular: a listener or timer of
 * a plugin that throws, a promise that nobody waits for. Each is one log line. The request that such a
 * fault leaves without an answer is refused when its time is up. `AsyncLocalStorage` would name it at once,
 * but costs a tenth of the processor time of every request, and names the wrong one for work that requests
 * share, such as fetching keys.
 */
export function keepRunning(log: Log): void {
  process.on('uncaughtException', (cause) => report('uncaught exception', cause))
  process.on('unhandledRejection', (cause) => report('unhandled rejection', cause))
  // Kong reads our standard error and may go first; the lines are lost then, but we are not.
  process.stderr.on('error', () => {})

  function report(what: string, cause: unknown): void {
    log.error(what, { cause: causeText(cause) })
  }
}
