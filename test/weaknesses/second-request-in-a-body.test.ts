import { once } from 'node:events'
import { connect } from 'node:net'
import { parse } from 'yaml'
import { renderPlugins } from '../../kong/guard/render.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import type { NativePlugin } from '../../kong/local-gateway/index.ts'
import { requestHash } from '../../lib/binding/request-hash.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

/** Reads the body before any other plugin but the guard, as Kong's own plugins may. */
const reader: NativePlugin = () => ({
  name: 'reader',
  priority: 10_000,
  access: async (exchange) => void (await exchange.body()),
})
const BOUND = { ...BASE_CONFIG, request_binding: { mode: 'strict', max_body_bytes: 1000 } }
const BODY = Buffer.from(
  'GET /open/admin HTTP/1.1\r\nHost: up\r\nX-OathMesh-Decision: allow\r\nX-OathMesh-Subject: svc://root\r\n\r\n',
)
const GUARD = (parse(renderPlugins({ kind: 'global' })) as { plugins: object[] }).plugins
const READER = { name: 'reader', config: {} }

/** Asks for a path with the body, and tells what has reached the upstream. */
async function arrivals(stack: Loopback, path: string, connection: string): Promise<string[]> {
  stack.seen.length = 0
  const line = { method: 'POST', rawPath: path, rawQuery: '' }
  const socket = connect(Number(new URL(stack.url).port), '127.0.0.1').resume()
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: g\r\nConnection: ${connection}\r\n` +
      `Authorization: OathMesh ${freshToken({ rqh: requestHash('strict', line, BODY) })}\r\n` +
      `Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  )
  await once(socket, 'close')
  return stack.seen.map(({ url }) => url)
}

describe.each(WIRES)('a second request in a body, on %s', (wire) => {
  const start = (plugins: readonly object[]) =>
    startOnLoopback({
      plugin: onWire(wire),
      entities: serviceWith({ '/bound': BOUND, '/open': null }, { plugins }),
      nativeFunctions,
      nativePlugins: { reader },
    })

  test('reaches the upstream on a route that nothing protects', async () => {
    const stack = await start([READER])
    try {
      const seen = await arrivals(stack, '/open/items', 'close, content-length')
      expect(seen).toEqual(['/open/items', '/open/admin'])
      expect(stack.seen[1]?.headers).toMatchObject({ 'x-oathmesh-subject': 'svc://root' })
    } finally {
      await stack.stop()
    }
  })

  test('does not where the plugin is, nor anywhere behind the guard', async () => {
    const [bare, guarded] = await Promise.all([start([READER]), start([READER, ...GUARD])])
    try {
      for (const named of [
        'close, content-length',
        'close,content_length',
        'content-length,close',
      ]) {
        expect(await arrivals(bare, '/bound/items', named)).toEqual([])
        expect(await arrivals(guarded, '/bound/items', named)).toEqual([])
        expect(await arrivals(guarded, '/open/items', named)).toEqual([])
      }
      expect(await arrivals(bare, '/bound/items', 'close')).toEqual(['/bound/items'])
      expect(await arrivals(guarded, '/open/items', 'close')).toEqual(['/open/items'])
    } finally {
      await Promise.all([bare.stop(), guarded.stop()])
    }
  })
})
