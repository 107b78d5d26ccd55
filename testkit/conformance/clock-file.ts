import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A wall clock for processes under test: it stands where it was set last. */
export class ClockFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'oathmesh-clock-'))
  #now = 0

  /** Milliseconds, as `Clock.now`. */
  now(): number {
    return this.#now * 1000
  }

  /** Unix seconds. */
  set(now: number): void {
    this.#now = now
    writeFileSync(this.#file, String(now))
  }

  /** What a Node.js process needs in its environment to go by this clock. */
  get env(): Readonly<Record<string, string>> {
    const preload = resolve('testkit/clock-file.cjs')
    return { NODE_OPTIONS: `--require ${preload}`, OATHMESH_TEST_CLOCK: this.#file }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #file(): string {
    return join(this.#folder, 'now')
  }
}
