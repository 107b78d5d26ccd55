import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer, RefuseAnswer } from '../../../lib/index.ts'
import { noteCaller } from './caller-of.ts'
import { rewriteHeaders } from './rewrite-headers.ts'

/** A middleware of Express, Connect and whatever else takes requests of `node:http`. */
export type NodeMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void

/**
 * Carries an answer out: true when the request may go on, with the identity in its headers and the token gone.
 * Otherwise the refusal has been sent.
 */
export function carryOut(
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (answer.outcome === 'refuse') {
    refuse(answer, request, response)
    return false
  }
  rewriteHeaders(request, answer)
  if (answer.caller !== undefined) noteCaller(request, answer.caller)
  return true
}

function refuse(answer: RefuseAnswer, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return
  const body = JSON.stringify(answer.body)
  const unread = !request.complete && request.httpVersionMajor < 2
  response.writeHead(answer.status, {
    ...answer.headers,
    'Content-Length': Buffer.byteLength(body),
    // The rest of a body that nobody will read must not be taken for the next request.
    ...(unread && { Connection: 'close' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
