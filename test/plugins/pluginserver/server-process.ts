import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { processCpuMs } from '../../../testkit/process-cpu.ts'
import { residentKib } from '../../../testkit/resident-kib.ts'
import { KongLine } from './kong-line.ts'

// Jest and npm scripts both run in the package's root; benchmarks, which use this too, have no __dirname.
/** kong-pdk's server as it is published. */
export const STOCK = resolve('testkit/kong-js-pluginserver.cjs')
export const FIXTURES = resolve('test/plugins/pluginserver/fixtures')
const READY = /server started at/

/** A folder for sockets and bundles that disappears with the test. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'oathmesh-ps-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Bundles the server as the build does. With its first line, esbuild makes the file executable. */
export function bundleServer(folder: string): string {
  const outfile = join(folder, 'oathmesh-pluginserver.cjs')
  buildSync({
    entryPoints: ['plugins/pluginserver/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  })
  return outfile
}

/** A plugin server in its own process. */
export class ServerProcess {
  readonly child: ChildProcess
  readonly socketPath: string
  readonly exited: Promise<number | string>
  #output = ''
  readonly #watchers = new Set<() => void>()
  readonly #lines: KongLine[] = []

  constructor(script: string, prefix: string, plugins: string, flags: readonly string[] = []) {
    this.socketPath = join(prefix, 'js_pluginserver.sock')
    // Most suites play Kong on MessagePack, which the stock server speaks without being told.
    const wire = script === STOCK || flags.includes('--wire') ? [] : ['--wire', 'msgpack']
    const args = ['-p', prefix, '-d', resolve(FIXTURES, plugins), ...wire, ...flags]
    // As Kong does: the script's first line names Node.js and its flags.
    this.child = spawn(script, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        for (const look of this.#watchers) look()
      })
    }
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        resolve(code ?? signal ?? 'unknown')
        for (const look of this.#watchers) look()
      })
    })
  }

  /** Starts a server and waits until it listens. */
  static async start(
    script: string,
    prefix: string,
    plugins: string,
    flags: readonly string[] = [],
  ): Promise<ServerProcess> {
    const server = new ServerProcess(script, prefix, plugins, flags)
    await server.logged(READY)
    return server
  }

  /** Everything written to standard output and standard error. */
  get output(): string {
    return this.#output
  }

  /** Resolves with the match once the output, past or future, holds it. Rejects when the process ends. */
  logged(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#output)
        const { exitCode, signalCode } = this.child
        if (match === null && exitCode === null && signalCode === null) return
        this.#watchers.delete(look)
        if (match === null) reject(new Error(`the server ended:\n${this.#output}`))
        else resolve(match)
      }
      this.#watchers.add(look)
      look()
    })
  }

  async connect(): Promise<KongLine> {
    const line = await KongLine.connect(this.socketPath)
    this.#lines.push(line)
    return line
  }

  /** Resolves once the server counts this many open events. */
  async eventsBecome(count: number): Promise<void> {
    const line = await this.connect()
    while ((await line.openEvents()) !== count) await new Promise(setImmediate)
    await line.close()
  }

  get residentBytes(): number {
    return residentKib(this.child.pid) * 1024
  }

  /** Processor time used so far, in user and system mode together. */
  get cpuMs(): number {
    return processCpuMs(this.child.pid)
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    for (const line of this.#lines) line.socket.destroy()
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal)
    return this.exited
  }
}
