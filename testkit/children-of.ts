import { readFileSync } from 'node:fs'

/** The processes that a process has started itself and that are there still, the oldest first. */
export function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return []
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return [] // It has just ended.
  }
}
