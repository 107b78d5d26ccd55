import { randomUUID } from 'node:crypto'
import type { Denial } from '../../lib/index.ts'
import type { Kong } from './kong.ts'

/** Seconds after which a caller may try again when something we depend on was away. */
const RETRY_AFTER_SECONDS = 1

/**
 * Answers the client and ends the request. The body comes from the table of refusals alone. Design 4.
 */
export function refuse(
  kong: Kong,
  { refusal, step }: Denial,
  realm: string,
  requestId: string = randomUUID(),
): void {
  const { code, status, message, fix } = refusal
  const body = {
    error: code,
    message,
    fix,
    ...(step !== undefined && { step }),
    request_id: requestId,
  }
  kong.response.exit(status, body, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...(status === 401 && { 'WWW-Authenticate': `OathMesh realm="${realm}"` }),
    ...(status === 503 && { 'Retry-After': String(RETRY_AFTER_SECONDS) }),
  })
}
