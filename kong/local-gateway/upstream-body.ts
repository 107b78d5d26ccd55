import type { Exchange } from './exchange.ts'
import { hopByHop } from './upstream-headers.ts'

/** What follows the head on the connection with the upstream, and what the head says of it. */
export interface UpstreamBody {
  /** Names and values in turn; empty where nobody tells the upstream how long the body is. */
  readonly framing: readonly string[]
  /** `stream` is what is still to come from the client. */
  readonly content: Buffer | 'stream' | 'none'
}

const NONE: UpstreamBody = { framing: [], content: 'none' }

/**
 * The body as Kong 3.9.3 sends it: by its length, chunked ones too, for they are read whole first. A length
 * that `Connection` names is dropped like any header, and a body that a plugin has read follows all the same.
 * The upstream reads it as the next request on the connection. Rejects when the client goes away.
 */
export async function upstreamBody(exchange: Exchange): Promise<UpstreamBody> {
  const { clientHeaders } = exchange
  const chunked = clientHeaders.has('transfer-encoding')
  const length = clientHeaders.get('content-length')?.[0]
  if (length === undefined && !chunked) return NONE
  const isDropped = hopByHop(clientHeaders).includes('content-length')
  if (exchange.bodyRead || chunked) {
    // Kong learns the length of a chunked body when it reads it: after the plugins, nothing drops it.
    const unframed = isDropped && exchange.bodyRead
    const content = await exchange.body()
    return { framing: unframed ? [] : byLength(String(content.length)), content }
  }
  // Kong reads such a body as the client's next request, by all its plugins. That is not played here.
  return isDropped || length === undefined ? NONE : { framing: byLength(length), content: 'stream' }
}

function byLength(bytes: string): readonly string[] {
  return ['content-length', bytes]
}
