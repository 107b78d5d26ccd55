import type { ClientPorts } from './client-ports.ts'
import { retryAfterMs } from './retry-after.ts'

/** How far a client goes along with a server that asks for time. */
export interface Patience {
  /** Attempts after the first one, 0–10. */
  readonly retries: number
  /** A longer `Retry-After` is not waited for: the answer is passed on at once. */
  readonly longestWaitMs: number
}

interface PatientCall {
  readonly patience: Patience
  readonly wait: ClientPorts['wait']
  readonly signal: AbortSignal | undefined
  /** One attempt. */
  send(): Promise<Response>
  /** Whether doing it again is harmless after this answer. */
  mayRepeat(answer: Response): boolean | Promise<boolean>
}

/** Sends until the answer asks for no more time, or patience ends; then that answer is the result. */
export async function patiently(call: PatientCall): Promise<Response> {
  const { patience, wait, signal } = call
  for (let left = patience.retries; ; left--) {
    const answer = await call.send()
    const pauseMs = retryAfterMs(answer.headers)
    if (left <= 0 || pauseMs === undefined || pauseMs > patience.longestWaitMs) return answer
    if (!(await call.mayRepeat(answer))) return answer
    // An answer nobody reads would hold its connection.
    await answer.body?.cancel()
    await wait(pauseMs, signal)
  }
}
