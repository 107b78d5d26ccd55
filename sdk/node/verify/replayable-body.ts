import type { IncomingMessage } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { Body } from '../../../lib/index.ts'

/**
 * Reads the body of a request, at most `maxBytes` of it, and puts it back, so that whoever reads the request
 * next gets all of it. A request whose reading has begun already is unreadable: its bytes are somebody else's.
 */
export async function readReplayably(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const announced = request.headers['content-length']
  if (announced !== undefined && !(Number(announced) <= maxBytes)) return { kind: 'over_limit' }
  // The parser hands a request over before it has gone on to the end, also to that of an empty body.
  if (!request.complete) await turn()
  const { readableDidRead, readableEncoding, destroyed } = request
  // With an encoding set, what can be read is text, and the bytes are lost.
  if (readableDidRead || readableEncoding !== null || destroyed) {
    return { kind: 'unreadable' }
  }
  // To listen at the end of an empty body would end it, and nobody could wait for the end any more.
  if (hasEnded(request)) return { kind: 'bytes', bytes: Buffer.alloc(0) }
  return new Promise((resolve) => collect(request, maxBytes, resolve))
}

function collect(request: IncomingMessage, maxBytes: number, resolve: (body: Body) => void): void {
  const chunks: Buffer[] = []
  let size = 0

  function settle(body: Body): void {
    request.off('readable', read)
    request.off('close', fail)
    request.off('error', fail)
    // In the same turn as the last read: the stream says that it has ended only in the next one.
    if (size > 0 && !request.destroyed) request.unshift(Buffer.concat(chunks))
    resolve(body)
  }
  function fail(): void {
    settle({ kind: 'unreadable' })
  }
  function read(): void {
    while (request.readableLength > 0) {
      const chunk = request.read() as Buffer
      chunks.push(chunk)
      size += chunk.length
      if (size > maxBytes) break
    }
    if (size > maxBytes) settle({ kind: 'over_limit' })
    else if (hasEnded(request)) settle({ kind: 'bytes', bytes: Buffer.concat(chunks) })
  }
  request.on('readable', read)
  request.on('close', fail)
  request.on('error', fail)
}

/** Whether all of the body has arrived and none of it is waiting. */
function hasEnded(request: IncomingMessage): boolean {
  return request.complete && request.readableLength === 0
}
