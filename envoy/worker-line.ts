import type { ChildProcess } from 'node:child_process'
import type { Measurement, Source } from '../lib/metrics/gathering.ts'

/** Says to a process of this program which of several workers it is. */
export const WORKER_VARIABLE = 'OATHMESH_ENVOY_WORKER'

type Question = { readonly measure: number }
type Answer = { readonly measured: number; readonly measurement: Measurement }

/** A worker as its supervisor asks it for its figures. */
export class WorkerSource implements Source {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (measurement: Measurement) => void>()
  #nextNumber = 0

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message) => {
      const { measured, measurement } = message as Answer
      this.#waiting.get(measured)?.(measurement)
      this.#waiting.delete(measured)
    })
    // A message to a worker that is going: its `exit` does all there is to do.
    child.on('error', () => {})
  }

  /** Never resolves when the worker ends meanwhile: whoever asks does not wait for ever. */
  measure(): Promise<Measurement> {
    return new Promise((resolve) => {
      const number = this.#nextNumber++
      this.#waiting.set(number, resolve)
      const question: Question = { measure: number }
      if (this.#child.connected) this.#child.send(question, () => {})
    })
  }
}

/** Has this worker answer its supervisor. */
export function answerSupervisor(source: Source): void {
  process.on('message', (message) => {
    const { measure } = message as Question
    void source.measure().then((measurement) => {
      const answer: Answer = { measured: measure, measurement }
      if (process.connected) process.send?.(answer, undefined, undefined, () => {})
    })
  })
}
