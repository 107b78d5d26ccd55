import { readFileSync } from 'node:fs'

/** Kibibytes of memory that a process holds at present. Throws when it is gone; NaN while it is being buried. */
export function residentKib(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1])
}
