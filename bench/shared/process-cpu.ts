import { readdirSync, readFileSync } from 'node:fs'
import { childrenOf } from '../../testkit/children-of.ts'

/**
 * Processor time that a process and its children have used so far, all threads in user and system mode together,
 * in milliseconds, to the nanosecond: the ticks of `/proc/PID/stat` are as long as forty requests.
 */
export function preciseCpuMs(pid: number): number {
  const processes = [pid, ...childrenOf(pid)]
  const nanoseconds = processes.reduce((sum, each) => sum + ranInAll(each), 0)
  return nanoseconds / 1e6
}

function ranInAll(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => sum + ranFor(pid, thread), 0)
}

function ranFor(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
  } catch {
    return 0 // It ended between the two reads.
  }
}
