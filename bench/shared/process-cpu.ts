import { readdirSync, readFileSync } from 'node:fs'

/**
 * Processor time that a process has used so far, all its threads in user and system mode together, in
 * milliseconds, to the nanosecond: the ticks of `/proc/PID/stat` are as long as forty requests.
 */
export function preciseCpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.reduce((sum, thread) => sum + ranFor(pid, thread), 0)
  return nanoseconds / 1e6
}

function ranFor(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
  } catch {
    return 0 // It ended between the two reads.
  }
}
