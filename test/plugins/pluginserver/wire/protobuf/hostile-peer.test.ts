import { encode } from '@msgpack/msgpack'
import { writeMessage } from '../../../../../plugins/pluginserver/wire/protobuf/write-message.ts'
import { KongLine } from '../../kong-line.ts'
import { ProtobufLine } from '../../protobuf-line.ts'
import { bundleServer, ServerProcess, temporaryFolder } from '../../server-process.ts'
import { framed } from './pipe-socket.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
let server: ServerProcess
let line: ProtobufLine

beforeAll(async () => {
  const flags = ['--wire', 'protobuf', '--max-frame-bytes', '1048576', '--phase-timeout-ms', '300']
  server = await ServerProcess.start(bundle, folder.path, 'faults', flags)
})
afterAll(async () => {
  await server.stop()
  folder.remove()
})
beforeEach(async () => {
  line = await ProtobufLine.connect(server.socketPath)
})
/** Whatever happened before, another connection is served, and the server has said something. */
afterEach(async () => {
  await line.close()
  const other = await ProtobufLine.connect(server.socketPath)
  expect((await other.run(await other.start('pass'))).end).toBe('ret')
  await other.close()
  await server.eventsBecome(0)
})

const CLOSED = 'a connection was closed: malformed frame'
const call = (kind: string, message: object) => framed(writeMessage('RpcCall', { [kind]: message }))

describe('a peer that is not Kong is cut off', () => {
  test.each([
    ['an empty frame', framed(Buffer.alloc(0))],
    ['a frame of zeroes', framed(Buffer.alloc(16))],
    ['a frame that ends in the middle', framed(Buffer.from('a2020a0801', 'hex'))],
    ['a field of another type', framed(Buffer.from('a00201', 'hex'))],
    ['a call of no kind', framed(Buffer.from('0801', 'hex'))],
    [
      'a call of two kinds',
      framed(Buffer.from('fa0100fa0100a2020a080112066163636573730803', 'hex')),
    ],
    ['a call of the future', framed(Buffer.from('c2020001', 'hex'))],
    ['groups without end', framed(Buffer.alloc(4096, 0x0b))],
    ['a length above the limit', Buffer.from('01001000', 'hex')],
    ['a length of four gigabytes', Buffer.from('ffffffff', 'hex')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a plugin that is not here', call('startInstance', { name: 'no', config: '{}' })],
    ['a name from the prototype', call('startInstance', { name: '__proto__', config: '{}' })],
    ['information about no plugin', call('getPluginInfo', { name: 'toString' })],
  ])('after %s', async (_, bytes) => {
    const before = server.output.split(CLOSED).length
    line.socket.write(bytes)
    expect(await line.frame()).toBeUndefined()
    await server.logged(new RegExp(`(?:${CLOSED}[^]*){${before}}`))
  })

  test('when a call comes while one is being answered', async () => {
    const start = call('startInstance', { name: 'faults', config: '{"mode":"pass"}' })
    line.socket.write(Buffer.concat([start, start]))
    while ((await line.frame()) !== undefined);
  })

  test('when it names an instance that is not there, any number of times', async () => {
    for (const id of [0, 1, -1, 2 ** 31 - 1]) {
      const other = await ProtobufLine.connect(server.socketPath)
      expect(await other.run(id)).toEqual({ calls: [], end: 'closed', notices: [] })
    }
  })
})

describe('what comes out of order in an event refuses it', () => {
  const EXIT = { end: 'exit', calls: [{ method: 'kong.response.exit', args: [503, {}, {}] }] }

  test.each([
    ['a frame that nobody awaits', 'hold', [framed(Buffer.from('0a0141', 'hex'))]],
    ['a second event', 'hold', [call('handleEvent', { instanceId: 1, eventName: 'access' })]],
    ['a start', 'hold', [call('startInstance', { name: 'faults', config: '{}' })]],
    ['a frame over the limit', 'hold', [Buffer.from('ffffff7f', 'hex')]],
    ['many frames at once', 'hold', new Array(1000).fill(framed(Buffer.alloc(0)))],
  ])('%s', async (_, mode, bytes) => {
    line.begin(await line.start(mode))
    for (const each of bytes) line.socket.write(each as Buffer)
    expect(await line.outcome()).toMatchObject(EXIT)
  })

  test.each([
    ['an answer that is no message', Buffer.from('ffff', 'hex')],
    ['an answer of another type', Buffer.from('0801', 'hex')],
    ['an answer that is cut off', Buffer.from('0a7f41', 'hex')],
  ])('%s', async (_, answer) => {
    line.begin(await line.start('reject'))
    const outcome = await line.outcome({ 'kong.request.get_method': answer })
    expect(outcome.end).toBe('exit')
    expect(outcome.calls.at(-1)).toMatchObject({ args: [503, {}, {}] })
  })

  test.each([
    ['nested without end', Buffer.concat(new Array(3000).fill(Buffer.from('0a02', 'hex')))],
    ['with very many values', nested(1_000_001)],
  ])('headers %s', async (_, answer) => {
    line.begin(await line.start('echo'))
    const { end } = await line.outcome({ 'kong.request.get_headers': answer })
    expect(['exit', 'ret']).toContain(end)
  })

  test('but a header named __proto__ is a header', async () => {
    const entry = Buffer.from('0a150a095f5f70726f746f5f5f12081a06706f6973', 'hex')
    line.begin(await line.start('echo'))
    const answer = Buffer.concat([entry, Buffer.from('6f6e', 'hex')])
    expect((await line.outcome({ 'kong.request.get_headers': answer })).end).toBe('ret')
  })
})

describe('plugin.GetStatus', () => {
  test('is answered in MessagePack, by which a starting server finds out who is here', async () => {
    const asked = await KongLine.connect(server.socketPath)
    expect(await asked.call('plugin.GetStatus')).toMatchObject({ Pid: server.child.pid, Events: 0 })
    await asked.close()
  })

  test.each(['plugin.HandleEvent', 'plugin.StartInstance', 'plugin.Step', 'plugin.InstanceStatus'])(
    'is all there is of that wire: no %s',
    async (method) => {
      const asked = await KongLine.connect(server.socketPath)
      asked.send(method, { Name: 'faults', Config: '{}' })
      const { error, result } = await asked.answer()
      expect(error ?? (result as { Data: { Method: string } }).Data.Method).toMatch(
        /no such method|kong.response.exit/,
      )
      await asked.close()
    },
  )

  test('cannot be asked once ProtoBuf was spoken', async () => {
    await line.start('pass')
    line.socket.write(encode([0, 1, 'plugin.GetStatus', []]))
    expect(await line.frame()).toBeUndefined()
  })
})

test('memory stays flat under malformed frames', async () => {
  const flood = async (count: number) => {
    for (let at = 0; at < count; at++) {
      const each = await ProtobufLine.connect(server.socketPath)
      each.socket.write(framed(Buffer.alloc(1000, at & 0xff)))
      await each.frame()
      await each.close()
    }
  }
  await flood(300)
  const before = server.residentBytes
  await flood(2000)
  expect(server.residentBytes - before).toBeLessThan(30 * 2 ** 20)
})

/** A Struct of one list with this many empty values. */
function nested(values: number): Buffer {
  const list = Buffer.concat(new Array(Math.min(values, 400_000)).fill(Buffer.from('0a00', 'hex')))
  return Buffer.concat([varint(0x0a), varint(list.length), list])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left])
    bytes.push((left & 0x7f) | 0x80)
  }
}
