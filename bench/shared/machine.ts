import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { version } from '../../package.json'

/** What a figure cannot be read without. */
export interface Machine {
  readonly oathmesh: string
  readonly commit: string
  readonly node: string
  readonly openssl: string
  readonly cpu: string
  readonly cores: number
  /** Runnable processes on average over the last minute, when the run began. */
  readonly load: number
  /** UTC. */
  readonly at: string
}

export function thisMachine(): Machine {
  const all = cpus()
  return {
    oathmesh: version,
    commit: commit(),
    node: process.version,
    openssl: process.versions.openssl,
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    load: loadavg()[0] ?? 0,
    at: new Date().toISOString(),
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { stdio: 'pipe' })
      .toString()
      .trim()
  } catch {
    return 'not from a repository'
  }
}
