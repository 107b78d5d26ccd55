import type { KnownInstance, ToWorker } from './messages.ts'
import type { WorkerProcess } from './worker-process.ts'

/** More than a gateway has entities; what falls out of it is started again by Kong when a worker lacks it. */
const MAX_INSTANCES = 4096

interface Spreading {
  readonly id: number
  readonly origin: WorkerProcess
  readonly originNumber: number
  readonly missing: Set<WorkerProcess>
}

/** Every instance that Kong may know, so that each worker has it before Kong hears its number. */
export class InstanceRegister {
  readonly #workers: () => Iterable<WorkerProcess>
  readonly #instances = new Map<number, KnownInstance>()
  readonly #spreading = new Map<number, Spreading>()
  #nextId: number
  #nextNumber = 0

  constructor(firstId: number, workers: () => Iterable<WorkerProcess>) {
    this.#nextId = firstId
    this.#workers = workers
  }

  /** For a worker that begins. */
  get all(): ToWorker {
    return { kind: 'instances', instances: [...this.#instances.values()] }
  }

  announce(origin: WorkerProcess, originNumber: number, plugin: string, config: string): void {
    const instance = { id: this.#nextId++, plugin, config }
    this.#instances.set(instance.id, instance)
    for (const oldest of this.#instances.keys()) {
      if (this.#instances.size <= MAX_INSTANCES) break
      this.#instances.delete(oldest)
    }
    const number = this.#nextNumber++
    const missing = new Set<WorkerProcess>()
    for (const worker of this.#workers()) {
      if (worker === origin) continue
      worker.send({ kind: 'instance', instance, number })
      // One that is not ready has no connection yet, and reads this before it gets one.
      if (worker.ready) missing.add(worker)
    }
    this.#spreading.set(number, { id: instance.id, origin, originNumber, missing })
    this.#settle(number)
  }

  /** A worker has the instance of this number. */
  known(worker: WorkerProcess, number: number): void {
    this.#spreading.get(number)?.missing.delete(worker)
    this.#settle(number)
  }

  close(origin: WorkerProcess, id: number): void {
    this.#instances.delete(id)
    for (const worker of this.#workers()) {
      if (worker !== origin) worker.send({ kind: 'closed', id })
    }
  }

  /** A worker is gone and will never know. */
  forget(worker: WorkerProcess): void {
    for (const number of [...this.#spreading.keys()]) this.known(worker, number)
  }

  #settle(number: number): void {
    const spreading = this.#spreading.get(number)
    if (spreading === undefined || spreading.missing.size > 0) return
    this.#spreading.delete(number)
    const { origin, originNumber, id } = spreading
    origin.send({ kind: 'announced', number: originNumber, id })
  }
}
