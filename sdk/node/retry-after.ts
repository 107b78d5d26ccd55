/**
 * Milliseconds that an answer asks to wait before the next attempt, or `undefined` when it names no
 * number of seconds. A date is none: it would need the server's clock. RFC 9110, 10.2.3.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  return /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined
}
