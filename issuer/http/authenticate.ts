import type { FastifyRequest } from 'fastify'
import type { Issuer } from '../issuer.ts'
import type { MintCaller } from '../mint-caller.ts'
import { IssuerRefusal } from '../refusal.ts'
import { authorizationOf, findingsOf, peerOf } from './request-context.ts'

/** Finds out who calls by the `Authorization` header, and takes one of the caller's requests. */
export async function authenticate(issuer: Issuer, request: FastifyRequest): Promise<MintCaller> {
  const { authenticator } = issuer
  return admit(
    issuer,
    request,
    await authenticator.header(authorizationOf(request), peerOf(request)),
  )
}

/** Notes who calls, and takes one of the caller's requests. Refuses `rate_limited`. */
export function admit(issuer: Issuer, request: FastifyRequest, caller: MintCaller): MintCaller {
  findingsOf(request).caller = caller
  const decision = issuer.rateLimit.take(caller.limitKey)
  if (decision.allowed) return caller
  const { retryAfterSeconds } = decision
  throw new IssuerRefusal('rate_limited', { retryAfterSeconds })
}

/** The caller that the hook before has found. */
export function callerOf(request: FastifyRequest): MintCaller {
  const { caller } = findingsOf(request)
  if (caller === undefined) throw new ReferenceError('the route has no authentication')
  return caller
}
