import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { silentLog } from '../../../../../lib/ports/log.ts'
import { PluginModule } from '../../../../../plugins/pluginserver/plugin/plugin-module.ts'
import { InstanceTable } from '../../../../../plugins/pluginserver/session/instance-table.ts'
import { Notices } from '../../../../../plugins/pluginserver/session/notices.ts'
import { OpenEvents } from '../../../../../plugins/pluginserver/session/open-events.ts'
import { protobuf } from '../../../../../plugins/pluginserver/wire/protobuf/index.ts'
import { readMessage } from '../../../../../plugins/pluginserver/wire/protobuf/read-message.ts'
import { framed, framesIn, PipeSocket } from './pipe-socket.ts'
import { RecordedPlugin } from './recorded-plugin.ts'

interface Frame {
  readonly from: 'kong' | 'server'
  readonly hex?: string
  readonly method?: string
}
interface Exchange {
  readonly name: string
  readonly frames: readonly Frame[]
}

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-pb-'))
const RECORDED_FOLDER = '/usr/local/kong/client_body_temp'
const SPOOLED: Readonly<Record<string, number>> = { '0000000001': 20_000, '0000000002': 300_000 }
for (const [name, size] of Object.entries(SPOOLED)) {
  writeFileSync(join(folder, name), Buffer.alloc(size))
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { exchanges } = JSON.parse(
  readFileSync(resolve(__dirname, '../../../../fixtures/pb-transcripts.json'), 'utf8'),
) as { exchanges: readonly Exchange[] }

const bytesOf = ({ hex = '', method }: Frame) =>
  method === undefined ? Buffer.from(hex, 'hex') : Buffer.from(method)

/** Kong's frame; a path in it leads to this test's folder. */
function kongFrame(frame: Frame): Buffer {
  const bytes = bytesOf(frame)
  if (!bytes.includes(RECORDED_FOLDER)) return bytes
  const path = join(folder, bytes.toString().slice(-10))
  return Buffer.concat([Buffer.from([0x12, path.length]), Buffer.from(path)])
}

function open() {
  const plugin = new PluginModule('faulty', __filename, { Plugin: RecordedPlugin })
  const instances = new InstanceTable({ now: () => 0, maxId: protobuf.maxInstanceId, idleMs: 1000 })
  const events = new OpenEvents({
    phaseTimeoutMs: 1000,
    eventAgeMs: 1000,
    maxEvents: 10,
    now: () => 0,
    onFault: (message, fields) => {
      throw new Error(`${message} ${JSON.stringify(fields)}`)
    },
  })
  const socket = new PipeSocket()
  protobuf
    .open({
      plugins: new Map([['faulty', plugin]]),
      instances,
      events,
      log: silentLog,
      notices: new Notices(),
      pid: process.pid,
      limits: {
        maxFrameBytes: 1_000_000,
        phaseTimeoutMs: 10_000,
        bodyFolder: folder,
        verbose: false,
      },
      announce: async (of, object) => instances.add(of, object, 1),
    })
    .serve(socket.asSocket)
  instances.add(plugin, plugin.start({}), 1)
  return { socket, events }
}

type Feed = (socket: PipeSocket, bytes: Buffer) => Promise<void>

/** Plays Kong's side and returns what the server said. Waits where Kong would. */
async function replay({ frames }: Exchange, feed: Feed): Promise<Buffer[]> {
  return framesIn(await writesOf({ frames }, feed))
}

async function writesOf({ frames }: Pick<Exchange, 'frames'>, feed: Feed): Promise<Buffer[]> {
  const { socket, events } = open()
  for (const [index, frame] of frames.entries()) {
    if (frame.from !== 'kong') continue
    const before = frames.slice(0, index).filter(({ from }) => from === 'server').length
    while (framesIn(socket.writes).length < before) await new Promise(setImmediate)
    await feed(socket, framed(kongFrame(frame)))
  }
  const expected = frames.filter(({ from }) => from === 'server').length
  while (framesIn(socket.writes).length < expected) await new Promise(setImmediate)
  expect(events.size).toBe(0)
  expect(socket.destroyed).toBe(false)
  return socket.writes
}

const hex = (frames: readonly Buffer[]) => frames.map((frame) => frame.toString('hex'))
const recorded = ({ frames }: Exchange) =>
  hex(frames.filter(({ from }) => from === 'server').map(bytesOf))
const whole: Feed = (socket, bytes) => socket.receive(bytes)

const [start, ...events] = exchanges

test('an instance is started as recorded, but for its name', async () => {
  if (start === undefined) throw new Error('no exchange')
  const [answer = Buffer.alloc(0)] = await replay(start, whole)
  expect(readMessage('RpcReturn', answer)).toEqual({
    sequence: 2,
    instanceStatus: { name: 'faulty', instanceId: 1 },
  })
})

describe.each(events.map((each) => [each.name, each] as const))('%s', (_, exchange) => {
  test('is answered byte for byte', async () => {
    expect(hex(await replay(exchange, whole))).toEqual(recorded(exchange))
  })

  test('is answered so at every split of every frame of Kong', async () => {
    const longest = Math.max(...exchange.frames.map((frame) => kongFrame(frame).length)) + 4
    for (let at = 1; at < longest; at++) {
      const parted: Feed = async (socket, bytes) => {
        await socket.receive(bytes.subarray(0, at))
        if (at < bytes.length) await socket.receive(bytes.subarray(at))
      }
      expect(hex(await replay(exchange, parted))).toEqual(recorded(exchange))
    }
  })

  test('is answered so byte by byte', async () => {
    const trickle: Feed = async (socket, bytes) => {
      for (const byte of bytes) await socket.receive(Buffer.from([byte]))
    }
    expect(hex(await replay(exchange, trickle))).toEqual(recorded(exchange))
  })
})

/** A write for each time that the plugin waits for Kong, and one for the rest: that is a round trip each. */
test.each([
  ['allowed, the smallest', 2],
  [
    'five questions sent together, then a log line and headers without waiting for their answers',
    3,
  ],
  ['a body of 20 000 bytes that Kong spooled: path of the file', 3],
  [
    'refused: log line and exit; Kong answers the log line and then nothing more on this connection',
    2,
  ],
])('%s: in %i writes', async (name, writes) => {
  const exchange = exchanges.find((each) => each.name === name)
  if (exchange === undefined) throw new Error(name)
  expect(await writesOf(exchange, whole)).toHaveLength(writes)
})

test('all exchanges are answered on one connection, one after the other', async () => {
  const { socket } = open()
  const ended = events.slice(0, -1)
  let expected = 0
  for (const frame of ended.flatMap(({ frames }) => frames)) {
    if (frame.from === 'server') {
      expected += 1
      continue
    }
    // Kong says nothing before it has been answered; a spooled body is read from disk.
    while (framesIn(socket.writes).length < expected) await new Promise(setImmediate)
    await socket.receive(framed(kongFrame(frame)))
  }
  while (framesIn(socket.writes).length < expected) await new Promise(setImmediate)
  expect(hex(framesIn(socket.writes))).toEqual(ended.flatMap(recorded))
})
