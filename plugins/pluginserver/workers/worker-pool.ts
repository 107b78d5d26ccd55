import { randomInt } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Log, MemoryReplayStore } from '../../../lib/index.ts'
import type { Gathering } from '../../../lib/metrics/gathering.ts'
import type { ProcessReport } from '../status/process-report.ts'
import { InstanceRegister } from './instance-register.ts'
import type { ToParent, ToWorker } from './messages.ts'
import { WorkerProcess } from './worker-process.ts'

/** A worker that dies at once, over and over, must not keep the machine busy. */
const RESPAWN_MS = 500

export interface WorkerPoolOptions {
  readonly size: number
  readonly maxInstanceId: number
  readonly log: Log
  /** Where the figures of the workers come together. */
  readonly gathering?: Gathering | undefined
}

export interface WorkerReport {
  readonly pid: number
  readonly report: ProcessReport | undefined
}

/** The workers of one server: as many as wanted, at any time, and what must be one among them. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #workers = new Set<WorkerProcess>()
  readonly #register: InstanceRegister
  /** Claims of token ids go to one place: each worker for itself would accept a token once more. */
  readonly #replay = new MemoryReplayStore({
    maxEntries: 0,
    startedAt: Date.now() / 1000 - process.uptime(),
  })
  #queue: Socket[] = []
  #stopping = false
  #whenReady: (() => void)[] = []
  #whenGone: (() => void)[] = []

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    const firstId = randomInt(Math.floor(options.maxInstanceId / 2))
    this.#register = new InstanceRegister(firstId, () => this.#workers)
    for (let count = 0; count < options.size; count++) this.#spawn()
  }

  /** Connections of all workers together. */
  get connections(): number {
    let sum = this.#queue.length
    for (const { load } of this.#workers) sum += load
    return sum
  }

  /** Workers that serve requests. */
  get readyWorkers(): number {
    return [...this.#workers].filter(({ ready }) => ready).length
  }

  /** Used tokens that are remembered, and for how many there is room. */
  get memory(): MemoryReplayStore['status'] {
    return this.#replay.status
  }

  /** Resolves when every worker has loaded its plugins. */
  ready(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenReady.push(resolve)
      this.#checkReady()
    })
  }

  /** Gives a connection to the worker that has the fewest. */
  give(socket: Socket): void {
    let chosen: WorkerProcess | undefined
    for (const worker of this.#workers) {
      if (worker.ready && worker.load < (chosen?.load ?? Number.POSITIVE_INFINITY)) chosen = worker
    }
    if (chosen === undefined) this.#queue.push(socket)
    else chosen.give(socket)
  }

  /** What each worker that serves says of itself; `undefined` for one that does not say it in time. */
  async reports(): Promise<readonly WorkerReport[]> {
    const asked = [...this.#workers].filter(({ ready }) => ready)
    const told = await Promise.all(
      asked.map(async (worker) => ({ worker, report: await worker.report() })),
    )
    // One that has ended meanwhile is missing, and not silent.
    return told
      .filter(({ worker, report }) => worker.ready || report !== undefined)
      .map(({ worker, report }) => ({ pid: worker.pid ?? 0, report }))
  }

  kill(signal: NodeJS.Signals): void {
    for (const worker of this.#workers) worker.kill(signal)
  }

  /** Lets the workers finish what they have, and resolves when they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const socket of this.#queue) socket.destroy()
    this.kill('SIGTERM')
    if (this.#workers.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenGone.push(resolve)
      })
    }
  }

  /** For the operator: through Kong's log, which only workers reach. */
  notice(level: 'warn' | 'err', message: string, fields: object): void {
    const [first] = [...this.#workers].filter(({ ready }) => ready)
    first?.send({ kind: 'notice', level, message, fields } as ToWorker)
  }

  #spawn(): void {
    const taken = new Set(Array.from(this.#workers, ({ slot }) => slot))
    let slot = 0
    while (taken.has(slot)) slot++
    const worker = new WorkerProcess({
      slot,
      onMessage: (from, message) => this.#hear(from, message),
      onExit: (gone, how, wasReady) => this.#lose(gone, how, wasReady),
    })
    this.#workers.add(worker)
    worker.send(this.#register.all)
  }

  #lose(worker: WorkerProcess, how: string, wasReady: boolean): void {
    this.#workers.delete(worker)
    this.#options.gathering?.leave(worker)
    this.#register.forget(worker)
    if (this.#stopping) {
      if (this.#workers.size === 0) for (const resolve of this.#whenGone.splice(0)) resolve()
      return
    }
    this.#options.log.error('a worker ended, another one is started', { pid: worker.pid, how })
    if (wasReady) this.#spawn()
    else setTimeout(() => this.#stopping || this.#spawn(), RESPAWN_MS)
  }

  #hear(worker: WorkerProcess, message: ToParent): void {
    switch (message.kind) {
      case 'ready':
        worker.ready = true
        this.#options.gathering?.join(worker)
        this.#options.log.info('a worker is ready', { pid: worker.pid })
        this.#checkReady()
        for (const socket of this.#queue.splice(0)) this.give(socket)
        return
      case 'announce':
        this.#register.announce(worker, message.number, message.plugin, message.config)
        return
      case 'known':
        this.#register.known(worker, message.number)
        return
      case 'close':
        this.#register.close(worker, message.id)
        return
      case 'reserve':
        this.#replay.reserve(message.maxEntries)
        return
      case 'claim': {
        const outcome = this.#replay.claim(message.use, message.now)
        worker.send({ kind: 'claimed', number: message.number, outcome })
        return
      }
      default:
    }
  }

  #checkReady(): void {
    if (this.readyWorkers < this.#options.size) return
    for (const resolve of this.#whenReady.splice(0)) resolve()
  }
}
