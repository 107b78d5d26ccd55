import { readFileSync } from 'node:fs'

/** Kong's workers and their master all carry this name. */
const NAME = 'nginx'
/** worker and master, with room for wrapper scripts around the plugin server. */
const MAX_GENERATIONS = 16

/**
 * The process id of the Kong master that this process descends from, or undefined when there is none:
 * it was started by hand or by another supervisor, its Kong is gone, or the system has no `/proc`.
 */
export function kongMasterOf(pid: number): number | undefined {
  let master: number | undefined
  let current: number | undefined = pid
  for (let generation = 0; generation < MAX_GENERATIONS && current !== undefined; generation++) {
    const process = readProcess(current)
    if (process?.name === NAME) master = current
    else if (master !== undefined) break
    current = process?.parent
  }
  return master
}

/** Whether a Kong started this process. Remembered from the start, because the Kong may go first. */
export const startedByKong = kongMasterOf(process.pid) !== undefined

function readProcess(pid: number): { name: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name may itself contain blanks and parentheses; the last one closes it.
    const close = text.lastIndexOf(')')
    const [, parent] = text.slice(close + 2).split(' ')
    return { name: text.slice(text.indexOf('(') + 1, close), parent: Number(parent) }
  } catch {
    return undefined
  }
}
