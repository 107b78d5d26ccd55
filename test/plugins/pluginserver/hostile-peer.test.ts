import { encode } from '@msgpack/msgpack'
import { KongLine, type Step } from './kong-line.ts'
import { bundleServer, ServerProcess, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
let server: ServerProcess
let line: KongLine

beforeAll(async () => {
  server = await ServerProcess.start(bundle, folder.path, 'faults', [
    '--max-frame-bytes',
    '1048576',
  ])
})
afterAll(async () => {
  await server.stop()
  folder.remove()
})

beforeEach(async () => {
  line = await server.connect()
})

/** Whatever happened before, another connection is served. */
afterEach(async () => {
  const other = await server.connect()
  expect(await other.begin(await other.start('pass'))).toMatchObject({ Data: 'ret' })
  await Promise.all([line.close(), other.close()])
  await server.eventsBecome(0)
})

const refusal = {
  Data: { Method: 'kong.response.exit', Args: [503, expect.anything(), expect.anything()] },
}

describe('a peer that is not Kong', () => {
  test.each([
    ['a byte that starts no value', Buffer.from([0xc1])],
    ['an extension type', Buffer.from('94000ad60000000000', 'hex')],
    ['a scalar', Buffer.from([0x05])],
    ['a map', Buffer.from([0x80])],
    ['an array of three', Buffer.from(encode([0, 1, 'plugin.GetStatus']))],
    ['an answer', Buffer.from(encode([1, 1, null, null]))],
    ['a notification', Buffer.from(encode([2, 'serverPid', 1]))],
    ['a negative id', Buffer.from(encode([0, -1, 'plugin.GetStatus', []]))],
    ['an id that is text', Buffer.from(encode([0, '1', 'plugin.GetStatus', []]))],
    ['a method that is no text', Buffer.from(encode([0, 1, {}, []]))],
    ['parameters that are no array', Buffer.from(encode([0, 1, 'plugin.GetStatus', {}]))],
    [
      'a map with a list as key',
      Buffer.from('940001b0706c7567696e2e47657453746174757391819090', 'hex'),
    ],
    ['bottomless nesting', Buffer.alloc(4096, 0x91)],
    ['a length of four gigabytes', Buffer.from('c6ffffffff', 'hex')],
    ['four billion elements', Buffer.from('ddffffffff', 'hex')],
    ['HTTP', Buffer.from('\xffGET / HTTP/1.1\r\n\r\n', 'latin1')],
  ])('is cut off after %s', async (_, bytes) => {
    line.socket.write(bytes)
    await line.closed
    expect(server.output).toMatch(/a connection was closed: malformed frame/)
  })

  test('is served until it sends garbage', async () => {
    line.send('plugin.GetStatus')
    line.socket.write(Buffer.from([0xc1]))
    expect((await line.answer()).result).toMatchObject({ Events: 0 })
    await line.closed
  })

  test.each([
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['plugin'],
    ['plugin.'],
    ['plugin.__proto__'],
    ['plugin.constructor'],
    ['plugin.step'],
    ['plugin.close'],
    ['plugin.getLogger'],
    ['plugin.loadPlugins'],
    ['plugin.SetPluginDir'],
    ['other.GetStatus'],
  ])('cannot call %s', async (method) => {
    await expect(line.call(method, '/etc')).rejects.toThrow(`no such method: ${method}`)
  })

  test.each([
    ['too many parameters', 'plugin.GetStatus', [1, 2]],
    ['an instance of a plugin that is not there', 'plugin.StartInstance', [{ Name: 'no' }]],
    [
      'a plugin name from the prototype',
      'plugin.StartInstance',
      [{ Name: '__proto__', Config: '{}' }],
    ],
    ['a configuration that is not JSON', 'plugin.StartInstance', [{ Name: 'faults', Config: '{' }]],
    ['a configuration that is not text', 'plugin.StartInstance', [{ Name: 'faults', Config: {} }]],
    ['a name that refuses to become text', 'plugin.StartInstance', [{ Name: { toString: 1 } }]],
    ['a parameter that is a list', 'plugin.StartInstance', [[]]],
    ['no parameter', 'plugin.GetPluginInfo', []],
    ['an unknown instance', 'plugin.CloseInstance', [-1]],
    ['an instance number that is text', 'plugin.InstanceStatus', ['0']],
  ])('gets an error for %s', async (_, method, parameters) => {
    await expect(line.call(method, ...parameters)).rejects.toThrow()
  })

  test.each([
    ['constructor'],
    ['__proto__'],
    ['toString'],
    ['certificate'],
    ['mode'],
    [''],
    [{ toString: 1 }],
    [null],
  ])('cannot run %j as a phase', async (phase) => {
    const id = await line.start('pass')
    expect(await line.begin(id, phase as string)).toMatchObject(refusal)
  })

  test('is refused a step for an event that is not open', async () => {
    for (const event of [0, -1, 1e300, '0', null, {}]) {
      expect(await line.step('plugin.Step', { EventId: event })).toMatchObject(refusal)
    }
    expect(await line.step('plugin.StepOfTheFuture', { EventId: 0 })).toMatchObject(refusal)
    expect((await line.call('plugin.Step', 1, 2)) as Step).toMatchObject(refusal)
    expect((await line.call('plugin.Step')) as Step).toMatchObject(refusal)
  })

  test('is refused a second step while the first has no answer', async () => {
    const { EventId } = await line.begin(await line.start('echo'))
    const other = await server.connect()
    const held = await other.begin(await other.start('echo'))
    line.send('plugin.StepMultiMap', { EventId, Data: {} })
    expect((await line.answer()).result).toMatchObject({ Data: 'ret' })
    expect(await line.step('plugin.StepMultiMap', { EventId, Data: {} })).toMatchObject(refusal)
    expect(await line.step('plugin.Step', held)).toMatchObject({ Data: 'ret' })
    await other.close()
  })

  test('may interleave the requests of many events on one connection', async () => {
    const id = await line.start('together')
    for (let index = 0; index < 100; index++) {
      line.send('plugin.HandleEvent', { InstanceId: id, EventName: 'access' })
    }
    const steps: Step[] = []
    for (let index = 0; index < 100; index++) steps.push((await line.answer()).result as Step)
    const stepAll = async (data: (eventId: number) => unknown) => {
      for (const { EventId } of steps) line.send('plugin.Step', { EventId, Data: data(EventId) })
      return Promise.all(steps.map(async () => ((await line.answer()).result as Step).Data))
    }
    steps.reverse()
    await stepAll(() => 'GET')
    expect(await stepAll((id) => `/${id}`)).toEqual(
      steps.map(({ EventId }) => ({ Method: 'kong.log.notice', Args: [`GET /${EventId}`] })),
    )
    expect(await stepAll(() => null)).toEqual(steps.map(() => 'ret'))
  })

  test('is cut off when it does not read its answers', async () => {
    const other = await KongLine.connect(server.socketPath)
    other.socket.removeAllListeners('readable')
    other.socket.pause()
    const frame = encode([0, 1, 'plugin.GetPluginInfo', ['x'.repeat(1_000_000)]])
    const feed = () => {
      while (!other.socket.destroyed && other.socket.write(frame));
    }
    other.socket.on('drain', feed)
    feed()
    await server.logged(/its peer does not read its answers/)
    await other.close()
  })
})

describe('a frame of a request that is not accepted', () => {
  test.each([
    ['over the limit', { a: 'x'.repeat(2_000_000) }],
    ['with very many values', { a: new Array(1_000_001).fill(0) }],
  ])('%s refuses that request, and Kong can read the refusal', async (_, data) => {
    const { EventId } = await line.begin(await line.start('echo'))
    line.send('plugin.StepMultiMap', { EventId, Data: data })
    expect((await line.answer()).result).toMatchObject(refusal)
    await expect(line.answer()).rejects.toThrow('the connection is closed')
    const other = await server.connect()
    expect(await other.step('plugin.Step', { EventId })).toMatchObject({ Data: 'ret' })
    await other.close()
  })

  test('nested without end refuses that request', async () => {
    const head = Buffer.from(encode([0, 7, 'plugin.Step', []])).subarray(0, -1)
    line.socket.write(Buffer.concat([head, Buffer.alloc(5000, 0x91)]))
    expect(await line.answer()).toMatchObject({ messageId: 7, result: refusal })
    await line.close()
  })

  test('holding a header named __proto__ is no such frame', async () => {
    const { EventId } = await line.begin(await line.start('echo'))
    const key = Buffer.from('__proto__')
    const members = Buffer.concat([Buffer.from([0x81, 0xa9]), key, Buffer.from([0x91, 0xa1, 0x78])])
    const frame = Buffer.from(encode([0, 9, 'plugin.StepMultiMap', [{ EventId, Data: 'DATA' }]]))
    const at = frame.indexOf('DATA') - 1
    line.socket.write(Buffer.concat([frame.subarray(0, at), members, frame.subarray(at + 5)]))
    expect((await line.answer()).result).toMatchObject({ Data: 'ret' })
  })
})

test('a thousand connections are served side by side', async () => {
  const lines: KongLine[] = []
  // In waves: the kernel queues some hundred connections until they are accepted.
  for (let wave = 0; wave < 10; wave++) {
    lines.push(...(await Promise.all(Array.from({ length: 100 }, () => server.connect()))))
  }
  const id = await line.start('echo')
  const steps = await Promise.all(lines.map((each) => each.begin(id)))
  expect(await line.openEvents()).toBe(1000)
  expect(new Set(steps.map(({ EventId }) => EventId)).size).toBe(1000)
  const ends = await Promise.all(
    lines.map((each, index) => each.step('plugin.Step', { EventId: steps[index]?.EventId })),
  )
  expect(ends.every(({ Data }) => Data === 'ret')).toBe(true)
  await Promise.all(lines.map((each) => each.close()))
})
