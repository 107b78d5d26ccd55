import { errorMessage } from '../error-message.ts'
import { type Http, HttpFault } from '../ports/http.ts'
import { type JwkSet, parseJwkSet } from './jwk-set.ts'

/** As upstream. A set of 100 keys needs a quarter of it. Spec 5.3. */
const MAX_BYTES = 64 * 1024

/** Why there is no good document. `found` is what lookups say; the message is for the operator. */
export class JwksFault extends Error {
  readonly found: 'unreachable' | 'invalid_document'

  constructor(found: 'unreachable' | 'invalid_document', message: string) {
    super(message)
    this.name = 'JwksFault'
    this.found = found
  }
}

/** A good document, as sent and as read. */
export interface FetchedSet {
  readonly body: Uint8Array
  readonly set: JwkSet
}

/**
 * Fetches and reads one document. The same bytes as `last` are not read again: importing a key takes
 * a fifth of a millisecond, during which no call is served. Rejects with `JwksFault` and nothing else.
 */
export async function fetchJwkSet(
  http: Http,
  url: URL,
  timeoutMs: number,
  last?: FetchedSet,
): Promise<FetchedSet> {
  try {
    const { status, body } = await http.get(url, { timeoutMs, maxBytes: MAX_BYTES })
    if (status !== 200) throw new JwksFault(faultOfStatus(status), `answered with status ${status}`)
    if (last !== undefined && Buffer.compare(last.body, body) === 0) return last
    return { body, set: parseJwkSet(body) }
  } catch (cause) {
    throw asJwksFault(cause)
  }
}

/** What passes with time is an outage, worth a retry by the caller; the rest is a wrong answer. */
function faultOfStatus(status: number): JwksFault['found'] {
  return status >= 500 || status === 429 || status === 408 ? 'unreachable' : 'invalid_document'
}

function asJwksFault(cause: unknown): JwksFault {
  if (cause instanceof JwksFault) return cause
  const message = errorMessage(cause)
  if (cause instanceof HttpFault && cause.kind === 'no_answer') {
    return new JwksFault('unreachable', message)
  }
  return new JwksFault('invalid_document', message)
}
