import { errorMessage } from '../../../lib/error-message.ts'
import type { Log } from '../../../lib/index.ts'
import type { StatusReport } from '../../../lib/status/report.ts'
import { StatusSocket, statusPath } from '../../../lib/status/status-socket.ts'

/**
 * Answers `oathmesh status` beside the plugin socket, from when that is ours. A server that cannot say how it goes
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
