import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RevocationList } from '../../lib/revocation/revocation-list.ts'
import { isJsonObject } from '../../lib/token/members.ts'
import { isSubject } from '../../lib/token/subject.ts'
import type { Issuer } from '../issuer.ts'
import { refuse } from '../refusal.ts'
import { authenticate, callerOf } from './authenticate.ts'
import { auditedRequest, findingsOf } from './request-context.ts'

const PATH = '/v1/admin/revoke'
const MAX_SUBJECT_LENGTH = 1024

/** Revoke, lift and list, each for those whom the configuration names. Spec 13.4. */
export function revocationRoutes(app: FastifyInstance, issuer: Issuer): void {
  const onRequest = async (request: FastifyRequest) => {
    await authenticate(issuer, request)
  }
  app.post(PATH, { onRequest }, async (request) => {
    const [list, sub] = changeOf(issuer, request)
    if (!isSubject(sub)) refuse('subject_grammar', { field: 'sub' })
    await asked(list.revoke(sub, issuer.clock.now()))
    issuer.audit.revocation('revoke', auditedRequest(request), sub)
    return { status: 'revoked' }
  })
  app.delete(PATH, { onRequest }, async (request) => {
    // Any text: what another tool has put on the list can be taken off it.
    const [list, sub] = changeOf(issuer, request)
    await asked(list.unrevoke(sub))
    issuer.audit.revocation('unrevoke', auditedRequest(request), sub)
    return { status: 'unrevoked' }
  })
  app.get('/v1/revoked-subjects', { onRequest }, async (request, reply) => {
    if (!issuer.rights.mayRead(callerOf(request).name)) refuse('admin_policy')
    const { revocations } = issuer
    if (revocations === undefined) refuse('revocation_disabled')
    const found = await asked(revocations.list())
    reply.header('cache-control', 'no-store')
    return {
      revocations: found.map(({ subject, revokedAt }) => ({ sub: subject, revoked_at: revokedAt })),
    }
  })
}

/** The list and the subject of a request whose caller may change it. */
function changeOf(
  { rights, revocations }: Issuer,
  request: FastifyRequest,
): readonly [RevocationList, string] {
  const { body } = request
  if (!isJsonObject(body)) refuse('body_shape')
  const sub = body['sub'] ?? ''
  if (sub === '') refuse('missing_subject', { field: 'sub' })
  if (typeof sub !== 'string' || sub.length > MAX_SUBJECT_LENGTH || Object.keys(body).length > 1) {
    refuse('body_shape')
  }
  findingsOf(request).wanted = { sub }
  if (!rights.mayChange(callerOf(request).name, sub)) refuse('admin_policy')
  return [revocations ?? refuse('revocation_disabled'), sub]
}

async function asked<T>(pending: Promise<T>): Promise<T> {
  try {
    return await pending
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : undefined
    refuse('revocation_unavailable', { retryAfterSeconds: 5, detail, cause })
  }
}
