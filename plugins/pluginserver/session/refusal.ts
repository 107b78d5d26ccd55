import type { PdkCall } from 'kong-pdk/pdk.js'
import type { Code } from '../../../lib/index.ts'

/** Phases before the upstream has seen anything, so that a refusal is still worth something. */
export const REFUSABLE: ReadonlySet<string> = new Set(['preread', 'rewrite', 'access'])

const CODE: Code = 'verification_failed'
const RETRY_AFTER_SECONDS = 1

/**
 * Ends the request with 503 inside Kong. The only answer to a fault that keeps the request from the
 * upstream: Kong merely logs an error, a closed connection or a time-out, and proxies on.
 */
export function refusal(requestId: string): PdkCall {
  const body = {
    error: CODE,
    message: 'The request could not be verified.',
    fix: 'Retry after the time in Retry-After; if that does not help, give the operator the request_id.',
    request_id: requestId,
  }
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Retry-After': String(RETRY_AFTER_SECONDS),
  }
  return { Method: 'kong.response.exit', Args: [503, body, headers] }
}
