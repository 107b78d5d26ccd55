import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isJsonObject } from '../../lib/token/members.ts'
import type { Issuer } from '../issuer.ts'
import { refuse } from '../refusal.ts'
import { readTokenRequest } from '../token-request.ts'
import { admit, authenticate, callerOf } from './authenticate.ts'
import { auditedRequest, findingsOf, peerOf } from './request-context.ts'

/** Upstream's routes for CI, by the name of the provider they stand for. Spec 13.3. */
const EXCHANGES = { github: 'github_token', gitlab: 'gitlab_token' } as const

/** `POST /v1/token`, and `POST /v1/exchange/…` that takes the identity token in the body. Spec 13.2. */
export function tokenRoutes(app: FastifyInstance, issuer: Issuer): void {
  const onRequest = async (request: FastifyRequest) => {
    await authenticate(issuer, request)
  }
  app.post('/v1/token', { onRequest }, async (request, reply) => {
    return mintFor(issuer, request, reply, request.body)
  })
  for (const [provider, member] of Object.entries(EXCHANGES)) {
    app.post(`/v1/exchange/${provider}`, async (request, reply) => {
      if (!isJsonObject(request.body)) refuse('body_shape')
      const { [member]: token, ...wanted } = request.body
      if (typeof token !== 'string') refuse('credentials_missing', { field: member })
      const caller = await issuer.authenticator.identityToken(token, peerOf(request))
      if (caller.name !== `oidc:${provider}`) refuse('provider_foreign')
      admit(issuer, request, caller)
      return mintFor(issuer, request, reply, wanted)
    })
  }
}

function mintFor(
  { minter, audit, meter, clock, stopwatch }: Issuer,
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
): object {
  const wanted = readTokenRequest(body)
  const found = findingsOf(request)
  found.wanted = wanted
  const minted = minter.mint(callerOf(request), wanted, clock.now())
  audit.minted(auditedRequest(request), minted)
  // Not the framework's own figure, which is 0 while the framework logs nothing.
  if (found.arrivedAt !== undefined) meter?.took(stopwatch() - found.arrivedAt)
  // RFC 6749, 5.1: an answer that holds a token is never stored.
  reply.header('cache-control', 'no-store')
  const { iat, exp } = minted.claims
  return { token: minted.token, expires_in: exp - iat, token_type: 'OathMesh' }
}
