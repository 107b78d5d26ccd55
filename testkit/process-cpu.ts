import { readFileSync } from 'node:fs'

/** Ticks of 10 ms: the unit Linux shows to every program. */
const TICK_MS = 10

/** Processor time that a process has used so far, all its threads in user and system mode together. */
export function processCpuMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')
  return (Number(fields?.[11]) + Number(fields?.[12])) * TICK_MS
}
