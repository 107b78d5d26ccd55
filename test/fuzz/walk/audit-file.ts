import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A name for audit lines, which is a link: to a file, or to a device on which there is never room (ENOSPC). */
export class AuditFile {
  readonly path: string
  readonly #lines: string

  constructor(folder: string) {
    this.path = join(folder, 'audit')
    this.#lines = join(folder, 'lines')
    this.set('empty')
  }

  /** From the next SIGHUP on, or within a second. */
  set(state: 'full' | 'empty'): void {
    if (state === 'empty') writeFileSync(this.#lines, '')
    const next = `${this.path}.next`
    rmSync(next, { force: true })
    symlinkSync(state === 'full' ? '/dev/full' : this.#lines, next)
    renameSync(next, this.path)
  }

  /** Lines that are no whole object, whoever wrote them and was killed meanwhile. */
  faults(): readonly string[] {
    const lines = readFileSync(this.#lines, 'utf8').split('\n')
    return lines
      .filter((line) => line !== '' && !isObject(line))
      .map((line) => `no audit line: ${line}`)
  }
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
