import type { Socket } from 'node:net'
import type { OfferedStore, TokenUse, UseOutcome } from '../../../lib/index.ts'
import type { ToParent, ToWorker } from './messages.ts'

/** A worker's line to its parent: messages, connections, and questions that wait for an answer. */
export class ParentLine implements OfferedStore {
  readonly #waiting = new Map<number, (answer: unknown) => void>()
  #nextNumber = 0

  /** Calls `onMessage` for what is not an answer. Without its parent, a worker ends. */
  constructor(onMessage: (message: ToWorker, socket: Socket | undefined) => void) {
    process.on('message', (message, handle) => {
      const heard = message as ToWorker
      if (heard.kind === 'announced') this.#settle(heard.number, heard.id)
      else if (heard.kind === 'claimed') this.#settle(heard.number, heard.outcome)
      else onMessage(heard, handle as Socket | undefined)
    })
    // What all workers must agree on is gone with the parent, and so is the socket's name.
    process.on('disconnect', () => process.exit(1))
  }

  send(message: ToParent): void {
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }

  /** Resolves with the instance's number once every worker knows it. */
  announce(plugin: string, config: string): Promise<number> {
    return this.#ask((number) => ({ kind: 'announce', number, plugin, config }))
  }

  reserve(maxEntries: number): void {
    this.send({ kind: 'reserve', maxEntries })
  }

  claim(use: TokenUse, now: number): Promise<UseOutcome> {
    // The token itself is for stores that keep a digest of it; this one has no use for it.
    return this.#ask((number) => ({ kind: 'claim', number, use: { ...use, token: '' }, now }))
  }

  #ask<T>(question: (number: number) => ToParent): Promise<T> {
    return new Promise((resolve) => {
      const number = this.#nextNumber++
      this.#waiting.set(number, resolve as (answer: unknown) => void)
      this.send(question(number))
    })
  }

  #settle(number: number, answer: unknown): void {
    this.#waiting.get(number)?.(answer)
    this.#waiting.delete(number)
  }
}
