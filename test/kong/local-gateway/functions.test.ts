import { exitAnswer } from '../../../kong/local-gateway/exit-answer.ts'
import type { NativeFunction, NativePlugin } from '../../../kong/local-gateway/index.ts'
import { closeHttpCalls, httpCall } from '../../../testkit/http-call.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { oddPluginServer } from './odd-plugin-server.ts'

/** What has run, in order. */
const ran: string[] = []

function mark(name: string): NativeFunction {
  return (_, { protectedRoute }) => void ran.push(protectedRoute ? `${name}!` : name)
}

const nativeFunctions: Readonly<Record<string, NativeFunction>> = {
  '-- first': mark('first'),
  '-- second': mark('second'),
  '-- last': mark('last'),
  '-- refuse': (exchange) => {
    exchange.exit = exitAnswer([403, 'refused'], exchange.requestId)
  },
  '-- break': () => {
    throw new Error('broken')
  },
}

/** Runs before the external plugin, and looks at who the client says it is. */
const keyAuth: NativePlugin = ({ key_names: names }, { consumers }) => ({
  name: 'key-auth',
  priority: 1250,
  access(exchange) {
    const [name = ''] = names as string[]
    const given = exchange.headers.get(name)?.[0]
    exchange.consumer = consumers.find(({ username }) => username === given)
    ran.push(`key-auth ${exchange.consumer?.username}`)
  },
})

function lua(phase: 'pre' | 'post', ...sources: string[]): object {
  const access = sources.map((source) => `\n  ${source}\nreturn function() end`)
  return { name: `${phase}-function`, config: { access } }
}

const OATHMESH = { name: 'oathmesh', config: { mode: 'plain' } }
const KEY_AUTH = { name: 'key-auth', config: { key_names: ['x-key'] } }

describe('Lua functions and native plugins in the local gateway', () => {
  let gateway: Loopback

  beforeAll(async () => {
    gateway = await startOnLoopback({
      plugin: oddPluginServer,
      nativeFunctions,
      nativePlugins: { 'key-auth': keyAuth },
      entities: (url) => ({
        services: [
          {
            name: 'up',
            url,
            routes: [
              { name: 'all', paths: ['/all'], plugins: [OATHMESH, KEY_AUTH] },
              { name: 'own', paths: ['/own'], plugins: [lua('pre', '-- first')] },
              {
                name: 'refuse',
                paths: ['/refuse'],
                plugins: [lua('pre', '-- refuse', '-- first'), KEY_AUTH],
              },
              { name: 'break', paths: ['/break'], plugins: [lua('pre', '-- break')] },
            ],
          },
        ],
        plugins: [lua('post', '-- last'), lua('pre', '-- first', '-- second')],
        consumers: [{ username: 'c1' }],
      }),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
  })

  beforeEach(() => {
    ran.length = 0
  })

  const call = (path: string) => httpCall(gateway.url, { path, headers: ['X-Key', 'c1'] })

  test('run by priority and know whether the plugin applies', async () => {
    expect((await call('/all')).status).toBe(200)
    expect(ran).toEqual(['first!', 'second!', 'key-auth c1', 'last!'])
  })

  test('give way to the functions of a more specific entity', async () => {
    expect((await call('/own')).status).toBe(200)
    expect(ran).toEqual(['first', 'last'])
  })

  test('do not run after one that has answered', async () => {
    expect(await call('/refuse')).toMatchObject({ status: 403, text: 'refused' })
    expect(ran).toEqual([])
  })

  test('end the request with 500 when they throw', async () => {
    expect((await call('/break')).status).toBe(500)
    expect(ran).toEqual([])
  })

  test.each([
    [
      'an unknown function',
      lua('pre', '-- other'),
      'pre-function: no stand-in for the Lua function that begins "-- other"',
    ],
    [
      'a function of another phase',
      { name: 'pre-function', config: { log: ['-- first'] } },
      'pre-function: config.log is not supported here',
    ],
    [
      'an unknown plugin',
      { name: 'rate-limiting', id: 'r1' },
      'plugin rate-limiting (r1): there is no stand-in for it here',
    ],
    [
      'a wrong configuration',
      { name: 'oathmesh', id: 'o1', config: { mode: 'nap', x: 1 } },
      /plugin oathmesh \(o1\): config\.x: unknown field; config\.mode: expected one of: plain, /,
    ],
  ])('refuse to start with %s', async (_, plugin, message) => {
    const start = startOnLoopback({
      plugin: oddPluginServer,
      nativeFunctions,
      entities: (url) => ({
        services: [{ name: 'up', url, routes: [{ paths: ['/'], plugins: [plugin] }] }],
      }),
    })
    await expect(start).rejects.toThrow(message)
  })
})
