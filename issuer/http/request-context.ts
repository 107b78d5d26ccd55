import type { FastifyRequest } from 'fastify'
import type { AuditedRequest } from '../issuer-audit.ts'
import type { MintCaller } from '../mint-caller.ts'

interface Findings {
  /** When it came, by the stopwatch. */
  arrivedAt?: number
  caller?: MintCaller
  wanted?: NonNullable<AuditedRequest['wanted']>
}

const findings = new WeakMap<FastifyRequest, Findings>()

/** What the handling of this request has found out so far. */
export function findingsOf(request: FastifyRequest): Findings {
  const known = findings.get(request) ?? {}
  findings.set(request, known)
  return known
}

/** This request as the audit line describes it. */
export function auditedRequest(request: FastifyRequest): AuditedRequest {
  const { caller, wanted } = findingsOf(request)
  const route = `${request.method} ${request.routeOptions.url ?? ''}`
  return { id: request.id, peer: peerOf(request), route, caller, wanted }
}

/** The other end of the socket. What forwarding headers say is the caller's own choice (W-32). */
export function peerOf(request: FastifyRequest): string {
  return request.socket.remoteAddress ?? 'unknown'
}

/** Every value of the `Authorization` header: Node itself keeps the first and drops the others. */
export function authorizationOf({ raw: { rawHeaders } }: FastifyRequest): readonly string[] {
  return rawHeaders.filter((_, at) => {
    return at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization'
  })
}
