import type { ConnectionManager } from './connection-manager.ts'
import type { Finding } from './finding.ts'

/** Actions that leave no encoded slash in what the service and the upstream read. */
const SAFE_ACTIONS = new Set(['REJECT_REQUEST', 'UNESCAPE_AND_REDIRECT'])

/** Whether everybody reads one and the same path. */
export function pathFaults({ config }: ConnectionManager): readonly Finding[] {
  const action = config.get('path_with_escaped_slashes_action')
  if (config.get('normalize_path').value === true && SAFE_ACTIONS.has(action.text ?? '')) return []
  const part = config.get('normalize_path').value === true ? action : config.get('normalize_path')
  return [{ code: 'path_not_normal', part }]
}
