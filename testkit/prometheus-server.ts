import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from './listen.ts'
import { until } from './redis-server.ts'

const STARTUP_MS = 30_000

/** One series of an instant query's answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

/** A real Prometheus on loopback (Debian's package), with a folder of its own. */
export class PrometheusServer {
  readonly url: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'om-prometheus-'))
  readonly #child: ChildProcess
  #errors = ''

  private constructor(port: number, files: Readonly<Record<string, object>>) {
    this.url = `http://127.0.0.1:${port}`
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(this.#folder, name), stringify(content))
    // biome-ignore format: one option a line
    this.#child = spawn('prometheus', [
      '--config.file', join(this.#folder, 'prometheus.yml'),
      '--storage.tsdb.path', join(this.#folder, 'data'),
      '--web.listen-address', `127.0.0.1:${port}`, '--log.level', 'warn',
    ], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString()
    })
    process.once('exit', this.#kill)
  }

  /** Starts it with `prometheus.yml` and whatever that names, and waits until it answers. */
  static async start(files: Readonly<Record<string, object>>): Promise<PrometheusServer> {
    const server = new PrometheusServer(await freePort(), files)
    try {
      await until(async () => (await fetch(`${server.url}/-/ready`)).ok, STARTUP_MS)
    } catch {
      const errors = server.#errors
      await server.stop()
      throw new Error(`prometheus is not ready: ${errors}`)
    }
    return server
  }

  /** What an expression gives now. Rejects with the server's words when it cannot be evaluated. */
  async query(expression: string): Promise<readonly Sample[]> {
    const body = new URLSearchParams({ query: expression })
    const answer = await fetch(`${this.url}/api/v1/query`, { method: 'POST', body })
    const { data, error } = (await answer.json()) as QueryAnswer
    if (data === undefined) throw new TypeError(`${expression}: ${error}`)
    return data.result.map(({ metric, value: [, text] }) => ({ metric, value: Number(text) }))
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill)
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#kill()
      await once(this.#child, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  readonly #kill = () => {
    this.#child.kill('SIGKILL')
  }
}

interface QueryAnswer {
  readonly error?: string
  readonly data?: {
    readonly result: readonly { metric: Record<string, string>; value: [number, string] }[]
  }
}
