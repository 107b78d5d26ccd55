import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The service as it ships; `npm test` builds it first. */
export const ENVOY_SERVICE = resolve('dist/bin/oathmesh-envoy.cjs')

export interface EnvoyServiceOptions {
  /** Configurations by policy name. */
  readonly policies: Readonly<Record<string, object>>
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The name of the socket in the folder. */
  readonly socketName?: string
  /** Another build of the service. */
  readonly program?: string
  /** Shares the folder of another one. */
  readonly folder?: string
}

/** A process of oathmesh-envoy that listens on a unix socket. */
export class EnvoyService {
  readonly folder: string
  readonly socketPath: string
  readonly #options: EnvoyServiceOptions
  #child: ChildProcess | undefined
  #output = ''
  #errors = ''

  private constructor(options: EnvoyServiceOptions) {
    this.#options = options
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'om-ext-authz-'))
    this.socketPath = join(this.folder, options.socketName ?? 'om.sock')
    this.configure(options.policies)
    process.once('exit', this.#kill)
  }

  /** Writes configurations, for the next start. */
  configure(policies: EnvoyServiceOptions['policies']): void {
    const folder = join(this.folder, 'policies')
    mkdirSync(folder, { recursive: true })
    for (const [name, config] of Object.entries(policies)) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(config))
    }
  }

  static async start(options: EnvoyServiceOptions): Promise<EnvoyService> {
    const service = new EnvoyService(options)
    await service.start()
    return service
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Audit lines. */
  get output(): string {
    return this.#output
  }

  /** Lines for the operator. */
  get errors(): string {
    return this.#errors
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  /** Starts it, again where it has ended. Resolves once it listens. */
  async start(): Promise<void> {
    const { flags = [], env = {}, program = ENVOY_SERVICE } = this.#options
    const listen = flags.some((flag) => flag.startsWith('--listen'))
      ? []
      : ['--listen', `unix:${this.socketPath}`]
    const child = spawn(
      process.execPath,
      [program, '--config', join(this.folder, 'policies'), ...listen, ...flags],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
    )
    this.#child = child
    child.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString()
    })
    const before = this.#errors.length
    await new Promise<void>((ready, failed) => {
      child.stderr.on('data', (chunk: Buffer) => {
        this.#errors += chunk.toString()
        if (this.#errors.slice(before).includes('listening on ')) ready()
      })
      child.once('exit', () => {
        if (this.#child === child) this.#child = undefined
        failed(new Error(`oathmesh-envoy has ended: ${this.#errors.slice(before)}`))
      })
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** Sends the signal and waits until the process has gone. */
  async end(name: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    if (child === undefined) return null
    const exit = once(child, 'exit')
    child.kill(name)
    const [code] = await exit
    return code as number | null
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill)
    this.signal('SIGCONT')
    await this.end('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  readonly #kill = () => {
    this.#child?.kill('SIGKILL')
  }
}
