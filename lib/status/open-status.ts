import { errorMessage } from '../error-message.ts'
import type { Log } from '../ports/log.ts'
import type { StatusReport } from './report.ts'
import { StatusSocket, statusPath } from './status-socket.ts'

/**
 * Answers `oathmesh status` beside a socket that is ours by now. A server that cannot say how it goes
 * still serves: what keeps it from saying so is a warning.
 */
export async function openStatus(
  socketPath: string,
  report: () => Promise<StatusReport>,
  log: Log,
): Promise<{ close(): void }> {
  try {
    return await StatusSocket.open(statusPath(socketPath), report)
  } catch (cause) {
    log.warn('the status cannot be asked for', { cause: errorMessage(cause) })
    return { close() {} }
  }
}
