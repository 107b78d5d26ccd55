import { kongMasterOf } from '../kong-master.ts'
import type { SocketOwner } from './probe-socket.ts'

/**
 * Whether what another server holds may be taken over: only from one that a Kong started, and only by the same Kong
 * or when that Kong is gone.
 */
export function mayReplace({
  pid,
  startedByKong,
}: Omit<SocketOwner & { alive: true }, 'alive'>): boolean {
  const ours = kongMasterOf(process.pid)
  if (ours === undefined || pid === undefined) return false
  const theirs = kongMasterOf(pid)
  return theirs === undefined ? startedByKong : theirs === ours
}
