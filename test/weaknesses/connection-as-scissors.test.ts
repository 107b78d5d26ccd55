import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

const CONSUMER = { consumer: { by: 'subject', optional: true } }
const ROUTES = {
  '/plain': BASE_CONFIG,
  '/enforce': { ...BASE_CONFIG, ...CONSUMER },
  '/observe': { ...BASE_CONFIG, ...CONSUMER, enforcement: 'observe' },
  '/preflight': { ...BASE_CONFIG, ...CONSUMER, run_on_preflight: false },
  '/anonymous': { ...BASE_CONFIG, consumer: { by: 'subject' }, anonymous: 'nobody' },
}

describe.each(WIRES)('on %s', (wire) => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: onWire(wire),
      entities: serviceWith(ROUTES, { consumers: [{ username: 'nobody' }] }),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  const NAMED = [
    'close, X-Anonymous-Consumer',
    'X-Consumer-ID',
    'close,x-consumer-username',
    'X-CONSUMER-CUSTOM-ID, keep-alive',
    'keep-alive, X-Credential-Identifier',
    'X-OathMesh-Decision',
    'close, x-oathmesh-subject',
    'X_OathMesh_Token_ID',
    'close, X-OathMesh_Anything',
    'authorization',
    'close,\tAuthorization ,',
    'X-Trace, x_consumer_id',
    '"X-OathMesh-Decision"',
    'close;X-OathMesh-Decision',
    'content-length',
    'close, Content-Length',
    'CONTENT_LENGTH, keep-alive',
    'transfer-encoding, close',
    'Host',
  ]
  const IN_EVERY_MODE = [
    ['enforce', '/enforce', 'GET'],
    ['observe', '/observe', 'GET'],
    ['a passed-on preflight', '/preflight', 'OPTIONS'],
    ['anonymous', '/anonymous', 'GET'],
  ] as const

  describe.each(IN_EVERY_MODE)('Connection as scissors, %s', (_, path, method) => {
    const call = (connection: readonly string[]) =>
      httpCall(stack.url, {
        path,
        method,
        headers: [
          ...connection.flatMap((value) => ['Connection', value]),
          ...(path === '/enforce' ? ['Authorization', `OathMesh ${freshToken()}`] : []),
        ],
      })

    test.each(NAMED)('"%s" is refused', async (connection) => {
      const before = stack.seen.length
      const answer = await call([connection])
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.text)).toMatchObject({ error: 'verification_failed' })
      expect(stack.seen).toHaveLength(before)
      await stack.logged(/"reason":"hop_by_hop_identity"/)
    })

    test.each([['close'], ['close, X-Trace'], ['Proxy-Authorization'], ['X-OathMesher']])(
      '"%s" names none of ours',
      async (connection) => {
        expect((await call([connection])).status).toBe(200)
      },
    )
  })

  describe('Connection as scissors', () => {
    test('is seen in any of several Connection headers', async () => {
      const headers = ['Connection', 'close', 'Connection', 'X-OathMesh-Decision']
      expect((await httpCall(stack.url, { path: '/observe', headers })).status).toBe(400)
    })

    test('may name consumer headers where they are not ours', async () => {
      const headers = [
        ...['Connection', 'close, X-Consumer-ID'],
        ...['Authorization', `OathMesh ${freshToken()}`],
      ]
      expect((await httpCall(stack.url, { path: '/plain', headers })).status).toBe(200)
    })
  })
})
