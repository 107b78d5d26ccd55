import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RedisSettings } from '../lib/redis/redis-settings.ts'

const run = promisify(execFile)

// REDIS_SERVER names another executable, so that the same tests run against Redis 6.2 and Valkey.
// Redis goes when this process does, however that ends: the pipe to the shell then closes. A file that
// may not grow is then an error of `write`, as on a full disk, and not the end of the process.
const SUPERVISED = 'trap "" XFSZ; "$0" "$@" & echo $!; cat > /dev/null; kill -9 $! 2> /dev/null'
const EXECUTABLE = process.env['REDIS_SERVER'] ?? 'redis-server'
export const STARTUP_MS = 10_000

export interface RedisServerOptions {
  /** More command-line options of redis-server. */
  readonly args?: readonly string[]
  /** Keeps port and data of a server that has been stopped. */
  readonly from?: RedisServer
  /** Options of redis-cli that an ordinary client needs here. */
  readonly cliArgs?: readonly string[]
  readonly port?: number
  /** A directory made for this server, which goes with it. */
  readonly dir?: string
  /** Without our usual options, which Sentinel does not know. */
  readonly plain?: boolean
  /** Waits for a server that answers PING; otherwise only for the process. */
  readonly awaitReady?: boolean
}

/** A redis-server process on a loopback port, with a directory of its own. */
export class RedisServer {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly dir: string
  readonly unixSocket: string
  readonly #cliArgs: readonly string[]
  #shell: ChildProcess | undefined
  #pid = 0

  private constructor(port: number, dir: string, cliArgs: readonly string[]) {
    this.port = port
    this.dir = dir
    this.unixSocket = join(dir, 'redis.sock')
    this.#cliArgs = cliArgs
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const { from, args = [], cliArgs = [], awaitReady = true, plain = false } = options
    const port = from?.port ?? options.port ?? (await freePort())
    const dir = from?.dir ?? options.dir ?? mkdtempSync(join(tmpdir(), 'om-redis-'))
    const server = new RedisServer(port, dir, cliArgs)
    await server.#spawn(plain ? [...args, ...server.#common] : server.#withBasics(args))
    if (awaitReady) await until(async () => (await server.cli('ping')) === 'PONG', STARTUP_MS)
    return server
  }

  get pid(): number {
    return this.#pid
  }

  /** Settings with which a client reaches this server. */
  get settings(): RedisSettings {
    return {
      host: this.host,
      port: this.port,
      database: 0,
      ssl: false,
      sslVerify: true,
      timeoutMs: 100,
      connectTimeoutMs: 1000,
    }
  }

  /** What redis-cli prints for a command. */
  async cli(...command: string[]): Promise<string> {
    const { stdout } = await run(
      'redis-cli',
      ['-p', `${this.port}`, ...this.#cliArgs, ...command],
      {
        timeout: 5000,
      },
    )
    return stdout.trim()
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.#pid, name)
  }

  /** Ends the process at once and keeps its data. */
  async kill(): Promise<void> {
    const shell = this.#shell
    if (shell === undefined) return
    this.#shell = undefined
    const exit = once(shell, 'exit')
    try {
      process.kill(this.#pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
    shell.stdin?.end()
    await exit
  }

  /** Ends the process and removes its data. */
  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** What Redis and Sentinel both know. */
  get #common(): readonly string[] {
    const { port, dir } = this
    const logfile = join(dir, 'redis.log')
    return ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--logfile', logfile]
  }

  #withBasics(args: readonly string[]): readonly string[] {
    // biome-ignore format: one option a line
    return [
      ...this.#common, '--unixsocket', this.unixSocket, '--save', '', '--appendonly', 'no',
      ...args,
    ]
  }

  async #spawn(args: readonly string[]): Promise<void> {
    const shell = spawn('sh', ['-c', SUPERVISED, EXECUTABLE, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#shell = shell
    const [line] = await once(shell.stdout, 'data')
    this.#pid = Number(String(line).trim())
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  // A Cluster node listens at its port plus 10000 as well.
  return address.port < 50_000 ? address.port : freePort()
}

/** Waits for something outside this process, and gives the milliseconds it took. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<number> {
  const startedAt = performance.now()
  for (;;) {
    const waited = performance.now() - startedAt
    if (await Promise.resolve(condition()).catch(() => false)) return waited
    if (waited > limitMs) throw new Error(`not within ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
