import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a hook needs of Fastify's request and reply. */
export interface FastifyLike {
  readonly request: { readonly raw: IncomingMessage }
  readonly reply: { readonly raw: ServerResponse; hijack(): unknown }
}

/** A hook of Fastify for `onRequest`, before anything has been read. */
export type FastifyHook = (
  request: FastifyLike['request'],
  reply: FastifyLike['reply'],
) => Promise<unknown>
