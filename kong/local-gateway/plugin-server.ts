import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import type { GatewayLog } from './gateway-log.ts'
import type { FieldList } from './kong-schema.ts'

/** What Kong learns of a plugin from its query command. */
export interface PluginInfo {
  readonly Name: string
  readonly Version: string
  readonly Priority: number
  readonly Phases: readonly string[]
  readonly Schema: {
    readonly fields: readonly [{ readonly config: { readonly fields: FieldList } }]
  }
}

export interface PluginServerOptions {
  readonly startCommand: readonly string[]
  readonly queryCommand: readonly string[]
  readonly socketPath: string
  /** Added to the environment of both commands. */
  readonly env?: Readonly<Record<string, string>>
  /** Kong waits about a second before it starts a dead plugin server again. */
  readonly respawnDelayMs?: number
  readonly log: GatewayLog
}

/** Runs the query command and reads the first plugin it names, as Kong does; the others stay unseen. */
export async function queryPlugin(options: PluginServerOptions): Promise<PluginInfo> {
  const [file = '', ...args] = options.queryCommand
  const env = { ...process.env, ...options.env }
  const { stdout } = await promisify(execFile)(file, args, { env, maxBuffer: 1 << 24 })
  const [info] = JSON.parse(stdout) as PluginInfo[]
  if (info === undefined) throw new TypeError('the query command names no plugin')
  return info
}

/** The plugin server process: started, watched, and started again when it ends. */
export class PluginServer {
  readonly #options: PluginServerOptions
  #child: ChildProcess | undefined
  #stopped = false
  #respawn: NodeJS.Timeout | undefined

  constructor(options: PluginServerOptions) {
    this.#options = options
    process.once('exit', this.#kill)
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts the process and waits until its socket takes connections. */
  async start(): Promise<void> {
    this.#spawn()
    await this.ready()
  }

  async ready(timeoutMs = 15_000): Promise<void> {
    const end = Date.now() + timeoutMs
    while (!(await accepts(this.#options.socketPath))) {
      if (Date.now() > end) throw new Error('the plugin server does not listen')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Waits until another process than this one has been started and listens. */
  async replaced(pid: number | undefined): Promise<void> {
    while (this.pid === pid) await new Promise((resolve) => setTimeout(resolve, 20))
    await this.ready()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#respawn)
    process.off('exit', this.#kill)
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    // A frozen process does not react to SIGTERM.
    const force = setTimeout(() => child.kill('SIGKILL'), 6000)
    await ended
    clearTimeout(force)
  }

  readonly #kill = (): void => {
    this.#child?.kill('SIGKILL')
  }

  #spawn(): void {
    const { startCommand, log } = this.#options
    const [file = '', ...args] = startCommand
    const env = { ...process.env, ...this.#options.env }
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n').filter(Boolean))
          log('info', `[oathmesh:${child.pid}] ${line}`)
      })
    }
    child.once('error', (cause) =>
      log('error', `the plugin server cannot be started: ${cause.message}`),
    )
    child.once('exit', (code, signal) => this.#ended(code ?? signal))
  }

  #ended(how: number | string | null): void {
    if (this.#stopped) return
    this.#options.log('notice', `external pluginserver 'oathmesh' terminated: exit ${how}`)
    this.#respawn = setTimeout(() => this.#spawn(), this.#options.respawnDelayMs ?? 1000)
  }
}

function accepts(socketPath: string): Promise<boolean> {
  if (!existsSync(socketPath)) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
