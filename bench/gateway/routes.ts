import { randomUUID } from 'node:crypto'
import { requestHash } from '../../lib/binding/request-hash.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { KEYS } from '../../testkit/keys.ts'

/** One request, made before the clock runs. */
export interface Prepared {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** One thing that is measured: where its requests go, and what has to come back. */
export interface Route {
  readonly name: string
  /** On the gateway: the route of that path has the configuration. */
  readonly path: string
  /** Which plugin server it is behind: ours on either wire, or the floor; absent without a plugin. */
  readonly server?: 'protobuf' | 'msgpack' | 'floor'
  readonly config?: object
  readonly status: number
  prepare(): Prepared
}

const get = (headers: Readonly<Record<string, string>> = {}): Prepared => ({
  method: 'GET',
  headers,
})
const withToken = (token = freshToken()) => get({ authorization: `OathMesh ${token}` })
/** A busy machine is to be seen as slow, not as one whose Redis is away. */
const none = { audit: { sink: 'none' }, deadline_ms: 10_000 }

/** Bound to its body; `size` in bytes. */
function bound(size: number): () => Prepared {
  const body = Buffer.alloc(size, 'a')
  const rqh = requestHash('body', undefined, body)
  return () => ({
    method: 'POST',
    headers: { authorization: `OathMesh ${freshToken({ rqh })}` },
    body,
  })
}

function route(
  name: string,
  server: Route['server'],
  config: object | undefined,
  more: Partial<Route> = {},
): Route {
  const path = `/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
  return {
    name,
    path,
    ...(server && { server }),
    ...(config && { config }),
    status: 200,
    prepare: () => withToken(),
    ...more,
  }
}

export interface RouteOptions {
  readonly redis: object
  readonly auditFile: string
}

/** Routes by name; what is compared with what stands in `main`. */
export function routes({ redis, auditFile }: RouteOptions): readonly Route[] {
  const withRedis = { ...none, replay: { store: 'redis' }, redis: { ...redis, timeout: 5000 } }
  const binding = { request_binding: { mode: 'body', max_body_bytes: 1_048_576 } }
  const deny = (name: string, status: number, prepare: () => Prepared) =>
    route(name, 'protobuf', none, { status, prepare, path: '/memory' })
  return [
    route('no plugin', undefined, undefined),
    route('empty plugin', 'floor', { verify: false }),
    route('one verification', 'floor', { verify: true }),
    route('memory', 'protobuf', none),
    route('memory on MessagePack', 'msgpack', none),
    route('memory with Kong’s log', 'protobuf', { audit: { sink: 'kong' } }),
    route('memory with a file', 'protobuf', { audit: { sink: 'file', file: auditFile } }),
    route('Redis', 'protobuf', { ...withRedis, revocation: { enabled: false } }),
    route('Redis and revocation', 'protobuf', withRedis),
    route('bound to 1 kB', 'protobuf', { ...none, ...binding }, { prepare: bound(1024) }),
    route('bound to 64 kB', 'protobuf', { ...none, ...binding }, { prepare: bound(65_536) }),
    route('bound to 512 kB', 'protobuf', { ...none, ...binding }, { prepare: bound(524_288) }),
    deny('refused: no token', 401, () => get()),
    deny('refused: not a token', 401, () => withToken(`not-a-token-${randomUUID()}`)),
    deny('refused: unknown issuer', 401, () => withToken(freshToken({ iss: 'https://x.test' }))),
    deny('refused: unknown kid', 401, () =>
      withToken(freshToken({}, { ...KEYS.trusted, kid: `nobody-${randomUUID()}` })),
    ),
    deny('refused: bad signature', 401, () => withToken(freshToken({}, KEYS.stranger))),
  ]
}
