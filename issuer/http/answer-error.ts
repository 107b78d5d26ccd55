import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Issuer } from '../issuer.ts'
import { IssuerRefusal } from '../refusal.ts'
import { auditedRequest } from './request-context.ts'

/** What fastify itself refuses before a handler runs, by its code. */
const FASTIFYS: Readonly<Record<string, ConstructorParameters<typeof IssuerRefusal>[0]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content_type',
  FST_ERR_CTP_INVALID_TYPE: 'content_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_BAD_URL: 'route_unknown',
}

/** Answers with a refusal of the table, whatever was thrown, and writes its audit line. */
export function answerError(
  issuer: Issuer,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const refusal = refusalOf(thrown)
  const { reason, answer, details } = refusal
  if (reason === 'internal_error') {
    issuer.log.error('request failed', { request_id: request.id, cause: stackOf(thrown) })
  }
  if (details.quiet !== true) issuer.audit.refused(auditedRequest(request), refusal)
  if (answer.status === 401) {
    reply.header('www-authenticate', 'Bearer realm="oathmesh", Basic realm="oathmesh"')
  }
  if (details.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(details.retryAfterSeconds))
  }
  // Bytes that nobody will read: the connection is of no more use.
  if (reason === 'body_too_large') reply.header('connection', 'close')
  return reply
    .code(answer.status)
    .header('cache-control', 'no-store')
    .send({
      error: answer.code,
      message: answer.message,
      fix: answer.fix,
      ...(details.field !== undefined && { field: details.field }),
      request_id: request.id,
    })
}

function refusalOf(thrown: unknown): IssuerRefusal {
  if (thrown instanceof IssuerRefusal) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const reason = Object.hasOwn(FASTIFYS, code) ? FASTIFYS[code] : undefined
  const rest = isCallersFault(thrown) ? 'body_syntax' : 'internal_error'
  return new IssuerRefusal(reason ?? rest, { cause: thrown })
}

/** A body that ended early or was longer than declared, say: nothing to wake an operator for. */
function isCallersFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return false
  return Number(thrown.statusCode) >= 400 && Number(thrown.statusCode) < 500
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}
