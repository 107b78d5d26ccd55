import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Measurement, Source } from '../../../lib/metrics/gathering.ts'
import type { ProcessReport } from '../status/process-report.ts'
import type { ToParent, ToWorker } from './messages.ts'

/** Says to a process of this program that it is a worker. */
export const WORKER_VARIABLE = 'OATHMESH_PLUGINSERVER_WORKER'

/** A worker that does not answer for so long is frozen, or as good as that. */
const REPORT_MS = 1000

export interface WorkerProcessOptions {
  readonly slot: number
  readonly onMessage: (worker: WorkerProcess, message: ToParent) => void
  readonly onExit: (worker: WorkerProcess, how: string, wasReady: boolean) => void
}

/** The parent's view of one worker. */
export class WorkerProcess implements Source {
  /** Counts from 0; whoever takes the place of one that has ended has its number. */
  readonly slot: number
  readonly #child: ChildProcess
  /** Connections that were given and of which it is not known whether they arrived. */
  readonly #given = new Map<number, Socket>()
  readonly #measuring = new Map<number, (measurement: Measurement) => void>()
  readonly #asked = new Map<number, (report?: ProcessReport) => void>()
  #reported = 0
  #nextNumber = 0
  ready = false

  /** The worker runs the same file with the same flags, as Node.js was started. */
  constructor({ slot, onMessage, onExit }: WorkerProcessOptions) {
    this.slot = slot
    this.#child = fork(process.argv[1] ?? '', process.argv.slice(2), {
      env: { ...process.env, [WORKER_VARIABLE]: String(slot) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', (message) => {
      this.#note(message as ToParent)
      onMessage(this, message as ToParent)
    })
    // A message to a worker that is going: its `exit` does all there is to do.
    this.#child.on('error', () => {})
    this.#child.once('exit', (code, signal) => {
      const wasReady = this.ready
      this.ready = false
      // Part of them may have been read, so nobody else can take them over. Kong is told at once.
      for (const socket of this.#given.values()) socket.destroy()
      this.#given.clear()
      for (const settle of this.#asked.values()) settle()
      onExit(this, signal ?? `exit code ${code}`, wasReady)
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Connections that it has or is about to have. */
  get load(): number {
    return this.#reported + this.#given.size
  }

  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** Hands a connection over. The parent's end of it is kept until the worker has it. */
  give(socket: Socket): void {
    const number = this.#nextNumber++
    this.#given.set(number, socket)
    const message: ToWorker = { kind: 'connection', number }
    this.#child.send(message, socket, { keepOpen: true }, () => {})
  }

  /** Never resolves when the worker ends meanwhile: whoever asks does not wait for ever. */
  measure(): Promise<Measurement> {
    return new Promise((resolve) => {
      const number = this.#nextNumber++
      this.#measuring.set(number, resolve)
      this.send({ kind: 'measure', number })
    })
  }

  /** What the worker says of itself; `undefined` when it ends, or does not within a second. */
  report(): Promise<ProcessReport | undefined> {
    const number = this.#nextNumber++
    return new Promise((resolve) => {
      const settle = (report?: ProcessReport) => {
        clearTimeout(late)
        this.#asked.delete(number)
        resolve(report)
      }
      const late = setTimeout(settle, REPORT_MS)
      this.#asked.set(number, settle)
      this.send({ kind: 'report', number })
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  #note(message: ToParent): void {
    if (message.kind === 'taken') {
      // The worker has a descriptor of its own: this closes the parent's alone.
      this.#given.get(message.number)?.destroy()
      this.#given.delete(message.number)
      this.#reported += 1
    } else if (message.kind === 'connections') this.#reported = message.count
    else if (message.kind === 'measured') {
      this.#measuring.get(message.number)?.(message.measurement)
      this.#measuring.delete(message.number)
    } else if (message.kind === 'reported') this.#asked.get(message.number)?.(message.report)
  }
}
