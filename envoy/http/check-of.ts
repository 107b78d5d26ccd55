import type { IncomingMessage } from 'node:http'
import type { CheckRequest } from '../wire/check-request.ts'
import type { AskedFor } from './forms.ts'

/**
 * How old a request is taken to be, as nothing in it says so: one that is read so soon after a freeze may have waited
 * through all of it.
 */
const ASSUMED_AGE_MS = 250

/** What comes over HTTP in the terms of a Check. There is no body in it, and none is known to be absent. */
export function checkOf(message: IncomingMessage, asked: AskedFor, now: number): CheckRequest {
  const { rawHeaders, socket } = message
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.push([(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? ''])
  }
  return {
    receivedAt: now - ASSUMED_AGE_MS,
    id: '',
    method: asked.method,
    path: asked.path,
    // The connection is the proxy's own: what its `Connection` names is of no use to a client.
    headers: headers.filter(([name]) => name !== 'connection'),
    ...(socket.remoteAddress !== undefined && { sourceAddress: socket.remoteAddress }),
    extensions: new Map([['oathmesh', asked.policy]]),
  }
}
