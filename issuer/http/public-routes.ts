import type { FastifyInstance } from 'fastify'
import { withoutTrailing } from '../../lib/without-trailing.ts'
import type { Issuer } from '../issuer.ts'

const MAX_TTL_SECONDS = 300

/** What anybody may read: the keys, the discovery document and the health. Spec 13.5. */
export function publicRoutes(app: FastifyInstance, issuer: Issuer): void {
  const { settings, keys, clock } = issuer
  const base = withoutTrailing(settings.issuer, '/')
  // Shared caches must not store it: what lay in one would be older than the TTL for its next reader,
  // and a new key signs as soon as every verifier's own copy has expired.
  const cacheControl = `private, max-age=${settings.jwksTtlSeconds}`

  app.get('/.well-known/jwks.json', async (_request, reply) => {
    reply.header('cache-control', cacheControl).type('application/jwk-set+json')
    return { keys: keys.schedule.published(clock.now() / 1000) }
  })
  app.get('/.well-known/oathmesh-issuer', async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=3600')
    return {
      issuer: settings.issuer,
      jwks_uri: `${base}/.well-known/jwks.json`,
      token_endpoint: `${base}/v1/token`,
      alg_values_supported: ['EdDSA'],
      max_ttl_seconds: MAX_TTL_SECONDS,
      token_type: 'om+jwt',
      binding_modes_supported: ['off', 'body', 'method_path_body', 'strict'],
      version: '1.0',
    }
  })
  app.get('/healthz', async (_request, reply) => {
    return reply.header('cache-control', 'no-store').type('text/plain').send('ok')
  })
  app.get('/readyz', async (_request, reply) => {
    reply.header('cache-control', 'no-store').type('text/plain')
    if (keys.schedule.signing(clock.now() / 1000) !== undefined) return reply.send('ready')
    return reply.code(503).send('no signing key')
  })
}
