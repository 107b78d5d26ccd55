import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'
import type { GatewayLog } from './gateway-log.ts'
import { leash } from './leash.ts'

export interface PluginServerOptions {
  /** `undefined` when another supervisor runs the plugin server, as Kong has it without a `start_cmd`. */
  readonly startCommand: readonly string[] | undefined
  readonly queryCommand: readonly string[]
  readonly socketPath: string
  /** Added to the environment of both commands. */
  readonly env?: Readonly<Record<string, string>>
  /** Kong starts a dead plugin server again after about a second. */
  readonly respawnDelayMs?: number
  readonly log: GatewayLog
}

const POLL_MS = 10
const START_MS = 15_000
/** Longer than a plugin server takes to drain. One that is frozen never reacts to SIGTERM. */
const STOP_MS = 6000

/** The plugin server process: started, watched, and started again when it ends. */
export class PluginServer {
  readonly #options: PluginServerOptions
  #child: ChildProcess | undefined
  #stopped = false
  #respawn: NodeJS.Timeout | undefined

  constructor(options: PluginServerOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts the process and waits until its socket takes connections. */
  async start(): Promise<void> {
    this.#spawn()
    await this.ready()
  }

  /** Waits until the socket takes connections. */
  async ready(timeoutMs = START_MS): Promise<void> {
    const end = Date.now() + timeoutMs
    while (!(await accepts(this.#options.socketPath))) {
      if (Date.now() > end) throw new Error('the plugin server does not listen')
      await pause()
    }
  }

  /** Waits until another process than this one has been started and listens. */
  async replaced(pid: number | undefined): Promise<void> {
    while (this.pid === pid) await pause()
    await this.ready()
  }

  /** Ends the process and starts no other. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#respawn)
    const child = this.#child
    if (child?.pid === undefined || hasEnded(child)) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(force)
  }

  #spawn(): void {
    const { startCommand, log } = this.#options
    if (startCommand === undefined) return
    const [file = '', ...args] = startCommand
    const env = { ...process.env, ...this.#options.env }
    log('notice', "[pluginserver] starting pluginserver process for 'oathmesh'")
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        if (line !== '') log('info', `[oathmesh:${child.pid}] ${line}`)
      })
    }
    child.once('error', ({ message }) => {
      log('error', `[pluginserver] the start command failed: ${message}`)
      if (child.pid === undefined) this.#ended('no process')
    })
    child.once('exit', (code, signal) => {
      this.#ended(signal === null ? `exit ${code}` : `signal ${constants.signals[signal]}`)
    })
    leash(child)
  }

  #ended(how: string): void {
    if (this.#stopped) return
    this.#options.log('notice', `external pluginserver 'oathmesh' terminated: ${how}`)
    this.#respawn = setTimeout(() => this.#spawn(), this.#options.respawnDelayMs ?? 1000)
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, POLL_MS)
  })
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
