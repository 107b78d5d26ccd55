import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { kongEncoder } from '../../../../../kong/local-gateway/wire/msgpack/kong-encoder.ts'
import { closeHttpCalls, httpCall } from '../../../../../testkit/http-call.ts'
import { STOCK_PLUGIN_SERVER } from '../../../../../testkit/plugin-commands.ts'
import { type Loopback, startOnLoopback } from '../../../../../testkit/start-on-loopback.ts'

interface Exchange {
  readonly name: string
  readonly request: string
  readonly frames: readonly { from: string; message: unknown[]; hex?: string }[]
}

const { exchanges } = JSON.parse(
  readFileSync(resolve('test/fixtures/rpc-transcripts.json'), 'utf8'),
) as { exchanges: Exchange[] }

const CONFIGS = {
  allow: { mode: 'allow', s: ['x'], m: { a: 'b' } },
  deny: { mode: 'deny' },
  tour: { mode: 'tour' },
  consumer: { mode: 'consumer' },
}

function routeFor([name, config]: [string, object]): object {
  return { name, paths: [`/${name}`], plugins: [{ name: 'oathmesh', config }] }
}

describe('the local gateway says what Kong said', () => {
  const said: { from: string; message: unknown[] }[] = []
  let stack: Loopback
  let logEnded: () => void = () => {}

  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: { server: STOCK_PLUGIN_SERVER, folder: resolve('test/fixtures/recorded-plugin') },
      entities: (url) => ({
        services: [{ name: 'up', url, routes: Object.entries(CONFIGS).map(routeFor) }],
        consumers: [{ username: 'c1' }],
      }),
      trace: (from, message) => {
        said.push({ from, message: message as unknown[] })
        const { Data } = ((message as unknown[])[3] ?? {}) as { Data?: unknown }
        if (Data === 'ret' && phases.pop() === 'log') logEnded()
        const [, , method, args] = message as [number, number, string, [{ EventName: string }]]
        if (method === 'plugin.HandleEvent') phases.push(args[0].EventName)
      },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })
  const phases: string[] = []

  test.each(exchanges)('$name', async ({ request, frames }) => {
    const [method = '', path = ''] = request.split(' ')
    said.length = 0
    const ended = new Promise<void>((done) => {
      logEnded = done
    })
    await httpCall(stack.url, {
      method,
      path,
      headers: [
        ...['Host', '127.0.0.1:8000', 'User-Agent', 'curl/7.88.1', 'Accept', '*/*'],
        ...['X-One', '1', 'X-One', '2', 'Authorization', 'OathMesh tok'],
        ...['Content-Type', 'application/x-www-form-urlencoded'],
      ],
      body: Buffer.from('{"a":1}'),
    })
    await ended
    expect(said.map(comparable)).toEqual(frames.map(comparable))
  })

  test('in the same bytes', () => {
    const encoder = kongEncoder()
    const frames = exchanges.flatMap(({ frames }) =>
      frames.filter(({ from, hex }) => from === 'kong' && hex),
    )
    for (const { message, hex } of frames) {
      expect(Buffer.from(encoder.encode(asSent(message))).toString('hex')).toBe(hex)
    }
    expect(frames.length).toBeGreaterThan(30)
  })
})

/** A frame with its bytes as bytes, and without members that are nil. */
function asSent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asSent)
  if (typeof value !== 'object' || value === null) return value
  if ('$bin' in value) return Buffer.from(String(value.$bin), 'base64')
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asSent(member)]))
}

/** A frame without what differs between any two runs of one Kong. */
function comparable({ from, message }: { from: string; message: unknown[] }): unknown {
  return [from, normal(message)]
}

/** `Connection` is left out: curl sends none, and Node cannot be kept from it. */
function normal(value: unknown, name = ''): unknown {
  if (value === undefined) return null
  if (Buffer.isBuffer(value) || value instanceof Uint8Array)
    return { $bin: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map((item) => normal(item))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, member]) => member !== undefined && key !== 'connection')
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => [key, normal(member, key)]),
    )
  }
  if (name === '__seq__' || name === 'port' || name === 'StartTime') return `<${name}>`
  if (typeof value === 'number') return value > 1_700_000_000 ? '<time>' : value
  return typeof value === 'string' ? normalText(value, name) : value
}

function normalText(text: string, name: string): unknown {
  if (name === 'Config') return normal(JSON.parse(text))
  if (text.startsWith('{"upstream_uri"') || text.startsWith('{"request"')) return '<serialized log>'
  if (text === hostname()) return 'gateway-1'
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/^[0-9a-f]{32}$/, '<id>')
}
