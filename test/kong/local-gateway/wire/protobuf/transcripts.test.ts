import { connect } from 'node:net'
import { basename, resolve } from 'node:path'
import type { MessageName } from '../../../../../kong/local-gateway/wire/protobuf/messages.ts'
import { readMessage } from '../../../../../kong/local-gateway/wire/protobuf/read-message.ts'
import { readStruct } from '../../../../../kong/local-gateway/wire/protobuf/read-struct.ts'
import { writeMessage } from '../../../../../kong/local-gateway/wire/protobuf/write-message.ts'
import { writeStruct } from '../../../../../kong/local-gateway/wire/protobuf/write-struct.ts'
import { type Loopback, startOnLoopback } from '../../../../../testkit/start-on-loopback.ts'

interface Frame {
  readonly from: 'kong' | 'server'
  readonly method?: string
  readonly hex?: string
}

interface Exchange {
  readonly name: string
  readonly frames: readonly Frame[]
}

const FILE = resolve('test/fixtures/recorded-plugin-server/recorded.cjs')
const { exchanges, playlist } = require(FILE) as {
  exchanges: readonly Exchange[]
  playlist(split: boolean): readonly (readonly [Exchange, number])[]
}
const [start, ...events] = exchanges

/** What of a frame differs between any two runs of one Kong, and what Lua has in no order. */
const ANSWERS: Readonly<Record<string, MessageName>> = {
  'kong.router.get_route': 'Route',
  'kong.router.get_service': 'Service',
  'kong.client.load_consumer': 'Consumer',
  'kong.request.get_raw_body': 'RawBodyResult',
  'kong.nginx.get_var': 'Text',
}

/** What Kong sent in an exchange, each frame with the method it answers. */
function fromKong({ frames }: Exchange): { method: string | undefined; bytes: Buffer }[] {
  const methods = frames.flatMap(({ method }) => method ?? [])
  return frames
    .filter(({ from }) => from === 'kong')
    .map(({ hex = '' }, at) => ({ method: methods[at - 1], bytes: Buffer.from(hex, 'hex') }))
}

function comparable(method: string | undefined, bytes: Uint8Array): unknown {
  const name = method === undefined ? undefined : ANSWERS[method]
  if (name === undefined || bytes.length === 0) return Buffer.from(bytes).toString('hex')
  return normal(readMessage(name, bytes))
}

function normal(value: unknown, key = ''): unknown {
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (Array.isArray(value)) return value.map((item) => normal(item))
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, item]) => [name, normal(item, name)])
    return Object.fromEntries(members)
  }
  if (key === 'body_filepath') return basename(String(value)).length
  if (key === 'port') return '<port>'
  if (typeof value === 'number') return value > 1_700_000_000 ? '<time>' : value
  return typeof value === 'string' ? value.replace(/^[0-9a-f]{32}$|^[0-9a-f-]{36}$/, '<id>') : value
}

/** The request behind an exchange, as curl sent it: its headers are what Kong showed the plugin. */
function requestOf({ frames }: Exchange): Buffer {
  const shown = frames.filter(({ from }) => from === 'kong')[1]?.hex ?? ''
  const headers = Object.entries(readStruct(Buffer.from(shown, 'hex'))).flatMap(([key, value]) =>
    [value].flat().map((item) => `${key}: ${item}\r\n`),
  )
  const isChunked = headers.some((line) => line.startsWith('transfer-encoding'))
  const length = headers.map((line) => /^content-length: (\d+)/.exec(line)?.[1]).find(Boolean)
  const method = length === undefined && !isChunked ? 'GET' : 'POST'
  const body = length === '5' ? 'hello' : 'x'.repeat(Number(length ?? 0))
  const chunk = 'y'.repeat(100_000)
  const chunks = `${`186a0\r\n${chunk}\r\n`.repeat(3)}0\r\n\r\n`
  return Buffer.from(
    `${method} /f/x?a=1 HTTP/1.1\r\n${headers.join('')}\r\n${isChunked ? chunks : body}`,
  )
}

/** Sends bytes as they are and resolves with the status of the answer. */
function send(url: string, bytes: Buffer): Promise<number> {
  return new Promise((answered, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const [, status] = /(?:^|\r\n\r\n)HTTP\/1\.1 (?!100)(\d{3})[\s\S]*\r\n\r\n/.exec(text) ?? []
      if (status === undefined) return
      socket.destroy()
      answered(Number(status))
    })
    socket.write(bytes)
  })
}

function startRecorded(trace: (frame: Buffer) => void, ...flags: string[]) {
  return startOnLoopback({
    plugin: (socketPath) => ({
      startCommand: [process.execPath, FILE, socketPath, ...flags],
      queryCommand: [process.execPath, FILE, '--dump'],
    }),
    entities: (url) => ({
      services: [
        {
          name: 's',
          url,
          retries: 0,
          routes: [
            { name: 'r', paths: ['/f'], strip_path: false, plugins: [{ name: 'oathmesh' }] },
          ],
        },
      ],
      consumers: [{ username: 'anon', custom_id: 'c-1' }],
    }),
    trace: (from, frame) => {
      if (from === 'kong') trace(Buffer.from(frame as Uint8Array))
    },
  })
}

describe('the local gateway says what Kong said', () => {
  const said: Buffer[] = []
  let gateway: Loopback
  beforeAll(async () => {
    gateway = await startRecorded((frame) => said.push(frame))
  })
  afterAll(() => gateway.stop())

  test.each(events)('$name', async (exchange) => {
    // Before the first event comes the start of the instance, as it did then.
    said.length = 0
    const status = await send(gateway.url, requestOf(exchange))
    expect(status).toBe(exchange.name.startsWith('refused') ? 401 : 200)
    const frames = exchange === events[0] ? said.slice(1) : said
    const recorded = fromKong(exchange)
    expect(frames.map((bytes, at) => comparable(recorded[at]?.method, bytes))).toEqual(
      recorded.map(({ method, bytes }) => comparable(method, bytes)),
    )
  })

  test('in the same bytes', () => {
    const all = exchanges.flatMap((exchange) => fromKong(exchange))
    const messages = all.map(({ method, bytes }) => {
      if (method === 'kong.request.get_headers') return writeStruct(readStruct(bytes))
      const name = method === undefined ? 'RpcCall' : ANSWERS[method]
      return writeMessage(name ?? 'Text', readMessage(name ?? 'Text', bytes))
    })
    expect(messages.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
      all.map(({ bytes }) => bytes.toString('hex')),
    )
    expect(start?.name).toBe('start an instance')
    expect(all.length).toBeGreaterThan(40)
  })
})

describe('the local gateway understands the plugin server', () => {
  let gateway: Loopback
  const said: Buffer[] = []
  beforeAll(async () => {
    gateway = await startRecorded((frame) => said.push(frame), '--split')
  })
  afterAll(() => gateway.stop())

  const [, ...all] = playlist(true)
  test.each(events)('wherever its bytes part: $name', async (exchange) => {
    const times = all.filter(([played]) => played === exchange).length
    expect(times).toBeGreaterThan(20)
    const request = requestOf(exchange)
    const recorded = fromKong(exchange).slice(1)
    for (let at = 0; at < times; at++) {
      said.length = 0
      const status = await send(gateway.url, request)
      expect(status).toBe(exchange.name.startsWith('refused') ? 401 : 200)
      // The first frame is the call, whose sequence counts on.
      expect(said.slice(-recorded.length).map((bytes) => bytes.length)).toEqual(
        recorded.map(({ method, bytes }) =>
          method === 'kong.request.get_raw_body' || method?.startsWith('kong.router')
            ? expect.any(Number)
            : bytes.length,
        ),
      )
    }
  })
})
