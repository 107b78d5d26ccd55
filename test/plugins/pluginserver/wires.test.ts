import { type KongPeer, type MadeCall, PEERS } from './kong-peer.ts'
import { bundleServer, ServerProcess, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
afterAll(() => folder.remove())

const LIMITS = ['--phase-timeout-ms', '150', '--event-age-ms', '2000', '--max-events', '20']
const refusal = [
  503,
  {
    error: 'verification_failed',
    message: expect.any(String),
    fix: expect.any(String),
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  },
  expect.objectContaining({ 'Retry-After': '1' }),
]

/** What both wires promise, whichever way the calls travel. */
describe.each(['msgpack', 'protobuf'] as const)('on %s', (wire) => {
  let server: ServerProcess
  let peer: KongPeer
  const connect = () => PEERS[wire](server.socketPath)

  beforeAll(async () => {
    const flags = ['--wire', wire, ...LIMITS]
    server = await ServerProcess.start(bundle, folder.path, 'faults', flags)
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    peer = await connect()
  })
  afterEach(async () => {
    await peer.close()
    await server.eventsBecome(0)
  })

  const run = async (mode: string, answers = {}, phase = 'access') =>
    peer.run(await peer.start(mode), phase, answers)
  const methods = (calls: readonly MadeCall[]) => calls.map(({ method }) => method)

  test.each([
    ['throws', 'throw', /a phase threw .*request_id=.*thrown\\nin access/],
    ['rejects with nothing', 'reject_nothing', /a phase threw/],
    ['rejects after a call', 'reject', /a phase threw .*rejected/],
    ['never answers', 'hold', /no answer from the plugin within 150 ms/],
    ['throws in a timer and never answers', 'uncaught', /uncaught exception .*thrown in a timer/],
    ['exits with what cannot be sent', 'exit_with_bigint', /could not be encoded/],
  ])('a plugin that %s refuses the request, and the log says why', async (_, mode, log) => {
    const { calls, end } = await run(mode)
    expect(end).toBe('exit')
    expect(calls.at(-1)?.args).toEqual(refusal)
    await server.logged(log)
  })

  test('a request of an unknown phase is refused', async () => {
    const { calls, end } = await run('pass', {}, 'constructor')
    expect([end, calls.at(-1)?.args]).toEqual(['exit', refusal])
  })

  test.each(['throw', 'hold', 'reject_nothing'])('a log phase that does %s ends', async (mode) => {
    expect(await run(mode, {}, 'log')).toMatchObject({ calls: [], end: 'ret' })
  })

  test('calls run in their order, with or without waiting', async () => {
    const answers = { 'kong.request.get_method': 'GET', 'kong.request.get_path': '/a' }
    const { calls, end } = await run('together', answers)
    expect(methods(calls)).toEqual([
      'kong.request.get_method',
      'kong.request.get_path',
      'kong.log.notice',
    ])
    expect(calls.at(-1)?.args).toEqual(['GET /a'])
    expect(end).toBe('ret')
    expect((await run('forget')).calls.map(({ args }) => args[0])).toEqual([
      'nobody waits',
      'for these',
    ])
  })

  test('an exit ends the event, and the plugin runs no further', async () => {
    const { calls, end } = await run('exit_then_call')
    expect([end, methods(calls)]).toEqual(['exit', ['kong.response.exit']])
    expect(calls[0]?.args.slice(0, 2)).toEqual([403, { error: 'no' }])
    expect(server.output).not.toMatch(/went on after exit/)
  })

  test('a call that cannot be sent is told to the plugin, which goes on', async () => {
    const { calls, end } = await run('call_with_function')
    expect([end, methods(calls)]).toEqual(['ret', ['kong.request.get_method']])
  })

  test('an unknown instance makes Kong start it again', async () => {
    expect((await peer.run(1)).end).toBe('closed')
  })

  test('an event is dropped when its connection closes', async () => {
    peer.begin(await peer.start('hold'))
    await server.eventsBecome(1)
    await peer.close()
    await server.eventsBecome(0)
  })

  test('the oldest event makes way when there are too many', async () => {
    const id = await peer.start('echo')
    const peers: KongPeer[] = []
    for (let index = 0; index < 21; index++) {
      const each = await connect()
      peers.push(each)
      each.begin(id)
      await server.eventsBecome(Math.min(index + 1, 20))
    }
    const last = await peers[20]?.outcome()
    expect(last?.end).toBe('ret')
    await Promise.all(peers.map((each) => each.close()))
  })

  test('what the operator must know goes to Kong, once and counted', async () => {
    for (let event = 0; event < 20; event++) await run('pass')
    const heard: string[] = []
    for (let time = 0; time < 3; time++) {
      // After an exit Kong gives a connection up.
      const other = await connect()
      heard.push(...(await other.run(await other.start('throw'))).notices)
      await other.close()
    }
    for (let event = 0; event < 2; event++) heard.push(...(await run('pass')).notices)
    const threw = heard.filter((line) => line.includes('a phase threw'))
    expect(threw).toHaveLength(3)
    expect(threw[0]).toMatch(/^\[oathmesh-pluginserver\] a phase threw phase="access"/)
    expect((await run('pass')).notices).toEqual([])
  })

  test('SIGTERM lets an open request finish, and refuses what does not', async () => {
    const elsewhere = temporaryFolder()
    const flags = ['--wire', wire, '--drain-ms', '100']
    const draining = await ServerProcess.start(bundle, elsewhere.path, 'faults', flags)
    const [first, second] = [
      await PEERS[wire](draining.socketPath),
      await PEERS[wire](draining.socketPath),
    ]
    first.begin(await first.start('echo'))
    second.begin(await second.start('hold'))
    await draining.eventsBecome(2)
    draining.child.kill('SIGTERM')
    expect((await first.outcome()).end).toBe('ret')
    expect((await second.outcome()).calls.at(-1)?.args).toEqual(refusal)
    expect(await draining.exited).toBe(0)
    elsewhere.remove()
  })
})

describe('a configuration that cannot be used', () => {
  test('is an error on msgpack, and an instance that refuses on protobuf', async () => {
    const server = await ServerProcess.start(bundle, folder.path, 'faults', ['--wire', 'protobuf'])
    const peer = await PEERS.protobuf(server.socketPath)
    const id = await peer.start('construct')
    for (let time = 0; time < 2; time++) {
      const again = await PEERS.protobuf(server.socketPath)
      const { calls, notices, end } = await again.run(id)
      expect(end).toBe('exit')
      expect(calls.at(-1)?.args.slice(0, 2)).toEqual([
        500,
        { message: 'An unexpected error occurred', request_id: expect.any(String) },
      ])
      expect(notices.join('\n')).toMatch(/faults: bad configuration\n/)
      await again.close()
    }
    expect(await peer.run(id, 'log')).toMatchObject({ end: 'ret' })
    await peer.close()
    await server.stop()
  })
})
