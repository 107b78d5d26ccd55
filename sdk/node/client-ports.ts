import type { Clock } from '../../lib/ports/clock.ts'

/** One HTTP exchange in the platform's own terms. */
export type Fetch = (request: Request) => Promise<Response>

/** What a client touches outside its own memory. */
export interface ClientPorts {
  readonly fetch: Fetch
  readonly clock: Clock
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
}
