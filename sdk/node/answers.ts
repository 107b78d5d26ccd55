import { isJsonObject, type JsonObject } from '../../lib/token/members.ts'
import { readJson } from './read-json.ts'

/** Repeating one of these does what doing it once does. RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

/** With what a gateway refuses. */
const REFUSED = new Set([400, 401, 403, 413, 503])

/** How the gateway refused, if it did: the body of the answer stays readable. */
export async function refusalOf(answer: Response): Promise<JsonObject | undefined> {
  if (!REFUSED.has(answer.status) || answer.bodyUsed) return undefined
  const body = await readJson(answer.clone())
  // Every refusal has a fix; an upstream's own errors hardly do.
  return isJsonObject(body) && typeof body['fix'] === 'string' ? body : undefined
}

/** Whether the gateway was short of something it depends on: the upstream never saw the request. */
export async function wasHeldBack(answer: Response): Promise<boolean> {
  return answer.status === 503 && (await refusalOf(answer))?.['error'] === 'verification_failed'
}

/**
 * What a new token would help against: `lost` when this one had been used, so that somebody on the way
 * has sent the request twice and the first answer is lost; `too_old` when the gateway has started
 * after it was minted, and let nothing through.
 */
export async function tokenFault(answer: Response): Promise<'lost' | 'too_old' | undefined> {
  if (answer.status !== 401) return undefined
  const { error, step } = (await refusalOf(answer)) ?? {}
  if (error === 'replay_detected') return 'lost'
  return error === 'verification_failed' && step === 13 ? 'too_old' : undefined
}
