import type { Caller } from '../../../lib/caller.ts'

const CALLERS = new WeakMap<object, Caller>()

/** Notes who has sent a request. For the middlewares. */
export function noteCaller(request: object, caller: Caller): void {
  CALLERS.set(request, caller)
}

/**
 * Who has sent a request, of Express, Fastify or plain `node:http`. `undefined` where no verifier has allowed it:
 * with `enforcement: observe`, for a preflight, or on a route without one.
 */
export function callerOf(request: object): Caller | undefined {
  const { raw } = request as { readonly raw?: unknown }
  const found = CALLERS.get(request)
  if (found !== undefined || typeof raw !== 'object' || raw === null) return found
  return CALLERS.get(raw)
}
