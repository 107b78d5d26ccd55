import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../lib/index.ts'
import {
  type CheckResponse,
  type DeniedResponse,
  writeCheckResponse,
} from './wire/check-response.ts'
import { readCheckResponse } from './wire/read-check-response.ts'

const LAST_RESORT: DeniedResponse = {
  kind: 'denied',
  code: 14,
  httpStatus: 503,
  headers: [['retry-after', '1']],
  body: '',
  metadata: { decision: 'deny', reason: 'internal_error' },
}

/** The denial for when nothing else can be said. */
export const DENIED: Buffer = writeCheckResponse(LAST_RESORT)

/**
 * The one way in which an answer becomes bytes: they are read again as Envoy reads them and compared with what was
 * meant. Envoy takes an empty message, and one without a status, for an allow, so what does not read back as
 * itself is a denial.
 */
export function encodeAnswer(response: CheckResponse, log: Log): Buffer {
  try {
    assertSendable(response)
    const bytes = writeCheckResponse(response)
    if (isDeepStrictEqual(readCheckResponse(bytes), response)) return bytes
    throw new TypeError('the answer does not read back as it was meant')
  } catch (cause) {
    log.error('an answer could not be sent to Envoy, the call was refused', {
      cause: cause instanceof Error ? cause.message : String(cause),
    })
    return DENIED
  }
}

/** What Envoy would do something else with: a name in both lists is removed, a broken header ends in 503 or 500. */
function assertSendable(response: CheckResponse): void {
  for (const [name, value] of response.headers) {
    if (!/^[\w-]+$/.test(name) || /[\0\r\n]/.test(value)) {
      throw new TypeError('a header that cannot be sent')
    }
  }
  if (response.kind === 'denied') return
  const set = new Set(response.headers.map(([name]) => name))
  if (set.size < response.headers.length) throw new TypeError('a header that is set twice')
  if (response.remove.some((name) => set.has(name.toLowerCase()))) {
    throw new TypeError('a header that is both set and removed')
  }
}
