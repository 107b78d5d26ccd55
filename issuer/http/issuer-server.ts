import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { parseStrictJson } from '../../lib/token/strict-json.ts'
import { withoutTrailing } from '../../lib/without-trailing.ts'
import type { Issuer } from '../issuer.ts'
import type { ServerTls } from '../issuer-settings.ts'
import { IssuerRefusal, refuse } from '../refusal.ts'
import { answerError } from './answer-error.ts'
import { publicRoutes } from './public-routes.ts'
import { findingsOf } from './request-context.ts'
import { revocationRoutes } from './revocation-routes.ts'
import { tokenRoutes } from './token-routes.ts'

const BODY_LIMIT = 64 * 1024
/** One request, headers and body; as upstream. Spec 13. */
const REQUEST_TIMEOUT_MS = 10_000
/**
 * Node looks for who is too slow every half a minute, and takes the longer of the two limits for the whole
 * request, which by default would be that of the headers.
 */
const PATIENCE = { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 }
const IDLE_MS = 60_000
/** For requests under way when the issuer stops. */
const DRAIN_MS = 10_000
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

export interface ListenOptions {
  readonly host: string
  /** 0 for a free one. */
  readonly port: number
  readonly tls?: ServerTls | undefined
}

/** The HTTP side of an issuer that listens. */
export class IssuerServer {
  readonly #app: FastifyInstance
  readonly #scheme: string

  private constructor(app: FastifyInstance, scheme: string) {
    this.#app = app
    this.#scheme = scheme
  }

  /** Rejects when the address cannot be listened on. */
  static async start(issuer: Issuer, { host, port, tls }: ListenOptions): Promise<IssuerServer> {
    const app = createApp(issuer, tls)
    await app.listen({ host, port })
    return new IssuerServer(app, tls === undefined ? 'http' : 'https')
  }

  get port(): number {
    return this.#address.port
  }

  /** Where it listens, as a URL without a path. */
  get origin(): string {
    const { address, family, port } = this.#address
    return `${this.#scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** Uses another certificate for connections that begin from now on. Throws for one that does not fit. */
  renew({ cert, key }: ServerTls): void {
    const { server } = this.#app
    if ('setSecureContext' in server && typeof server.setSecureContext === 'function') {
      server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' })
    }
  }

  /** Takes no more connections, lets the requests under way end within ten seconds, and closes. */
  async stop(): Promise<void> {
    const lapse = setTimeout(() => this.#app.server.closeAllConnections(), DRAIN_MS).unref()
    await this.#app.close()
    clearTimeout(lapse)
  }

  get #address(): AddressInfo {
    const address = this.#app.server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return address
  }
}

function createApp(issuer: Issuer, tls: ServerTls | undefined): FastifyInstance {
  const app: FastifyInstance = fastify({
    ...(tls === undefined
      ? { http: PATIENCE }
      : {
          https: {
            ...tls,
            ...PATIENCE,
            handshakeTimeout: REQUEST_TIMEOUT_MS,
            minVersion: 'TLSv1.2',
          },
        }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_MS,
    keepAliveTimeout: IDLE_MS,
    forceCloseConnections: 'idle',
    trustProxy: false,
    frameworkErrors: (thrown, request, reply) => answerError(issuer, thrown, request, reply),
    genReqId: ({ headers: { 'x-request-id': id } }) =>
      typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID(),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseStrictJson(body))
    } catch (cause) {
      done(new IssuerRefusal('body_syntax', { cause }))
    }
  })
  app.addHook('onRequest', async (request, reply) => {
    findingsOf(request).arrivedAt = issuer.stopwatch()
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
  })
  app.setErrorHandler((thrown, request, reply) => answerError(issuer, thrown, request, reply))
  app.setNotFoundHandler(async () => refuse('route_unknown', { quiet: true }))
  for (const prefix of prefixesOf(issuer.settings.issuer)) {
    app.register(
      (scope, _options, done) => {
        routes(scope, issuer)
        done()
      },
      { prefix },
    )
  }
  return app
}

function routes(app: FastifyInstance, issuer: Issuer): void {
  publicRoutes(app, issuer)
  tokenRoutes(app, issuer)
  revocationRoutes(app, issuer)
}

/** The root, and the path of the issuer's URL: whatever stands in front may take it off or leave it. */
function prefixesOf(issuer: string): readonly string[] {
  const path = withoutTrailing(new URL(issuer).pathname, '/')
  return path === '' ? [''] : ['', path]
}
