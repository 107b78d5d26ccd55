import type { KongLine, Step } from './kong-line.ts'
import { bundleServer, ServerProcess, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
let server: ServerProcess
let line: KongLine

beforeAll(async () => {
  server = await ServerProcess.start(bundle, folder.path, 'faults', [
    ...['--phase-timeout-ms', '100', '--event-age-ms', '2000', '--max-events', '50'],
  ])
})
afterAll(async () => {
  await server.stop()
  folder.remove()
})

beforeEach(async () => {
  line = await server.connect()
})

afterEach(async () => {
  await line.close()
  await server.eventsBecome(0)
})

const body = {
  error: 'verification_failed',
  message: expect.any(String),
  fix: expect.any(String),
  request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
}
const headers = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'Retry-After': '1',
}
const refusal = { Method: 'kong.response.exit', Args: [503, body, headers] }

describe('an access phase', () => {
  test.each([
    ['throws', 'throw', /a phase threw .*request_id=.*thrown\\nin access/],
    ['rejects with nothing', 'reject_nothing', /a phase threw/],
    ['never answers', 'hold', /no answer from the plugin within 100 ms/],
    ['throws in a timer and never answers', 'uncaught', /uncaught exception .*thrown in a timer/],
    ['exits with what cannot be sent', 'exit_with_bigint', /could not be encoded/],
  ])('that %s refuses the request, and the log says why in one line', async (_, mode, log) => {
    expect((await line.begin(await line.start(mode))).Data).toEqual(refusal)
    await server.logged(log)
    expect(await line.openEvents()).toBe(0)
  })

  test('that rejects after a call refuses the request', async () => {
    const { EventId } = await line.begin(await line.start('reject'))
    expect((await line.step('plugin.Step', { EventId, Data: 'GET' })).Data).toEqual(refusal)
  })

  test('that is done without a call leaves nothing behind', async () => {
    expect((await line.begin(await line.start('pass'))).Data).toBe('ret')
    expect(await line.openEvents()).toBe(0)
  })

  test.each(['exit_then_call', 'exit_then_throw'])('that does %s has exited', async (mode) => {
    expect((await line.begin(await line.start(mode))).Data).toMatchObject({ Args: [403, {}] })
    expect(await line.openEvents()).toBe(0)
    expect(server.output).not.toMatch(/went on after exit/)
  })

  test('leaves nothing behind after an exit', async () => {
    const { EventId } = await line.begin(await line.start('exit'))
    const { Data } = await line.step('plugin.Step', { EventId, Data: 'GET' })
    expect(Data).toEqual({ Method: 'kong.response.exit', Args: [403, { error: 'no' }] })
    expect(await line.openEvents()).toBe(0)
    expect((await line.step('plugin.Step', { EventId })).Data).toEqual(refusal)
  })

  test('is told of an argument that cannot be sent, and goes on', async () => {
    const { Data, EventId } = await line.begin(await line.start('call_with_function'))
    expect(Data).toEqual({ Method: 'kong.request.get_method', Args: [] })
    expect((await line.step('plugin.Step', { EventId })).Data).toBe('ret')
  })

  test('is told of an error of Kong', async () => {
    const { EventId } = await line.begin(await line.start('report_error'))
    const { Data } = await line.step('plugin.StepError', { EventId, Data: 'no such thing' })
    expect(Data).toEqual({
      Method: 'kong.log.notice',
      Args: [expect.stringMatching('no such thing')],
    })
    await line.step('plugin.Step', { EventId })
  })

  test('may make calls together, which Kong answers one by one', async () => {
    const { Data, EventId } = await line.begin(await line.start('together'))
    expect(Data).toMatchObject({ Method: 'kong.request.get_method' })
    const second = await line.step('plugin.Step', { EventId, Data: 'GET' })
    expect(second.Data).toMatchObject({ Method: 'kong.request.get_path' })
    const third = await line.step('plugin.Step', { EventId, Data: '/a' })
    expect(third.Data).toEqual({ Method: 'kong.log.notice', Args: ['GET /a'] })
    expect((await line.step('plugin.Step', { EventId })).Data).toBe('ret')
  })

  test('may end without waiting for its calls', async () => {
    const { EventId } = await line.begin(await line.start('forget'))
    expect((await line.step('plugin.Step', { EventId })).Data).toMatchObject({
      Args: ['for these'],
    })
    expect((await line.step('plugin.Step', { EventId })).Data).toBe('ret')
  })

  test('is not disturbed by a promise that nobody waits for', async () => {
    const { EventId } = await line.begin(await line.start('unhandled'))
    expect((await line.step('plugin.Step', { EventId })).Data).toBe('ret')
    await server.logged(/unhandled rejection .*nobody waits for me/)
  })
})

describe('a log phase', () => {
  test.each(['throw', 'hold', 'reject_nothing'])('that does %s just ends', async (mode) => {
    expect((await line.begin(await line.start(mode), 'log')).Data).toBe('ret')
  })
})

describe('an event', () => {
  test('is given up when Kong does not come back, and a late step is refused', async () => {
    const { EventId } = await line.begin(await line.start('linger'))
    await server.logged(/released: .*no answer from Kong within 2000 ms/)
    expect(await line.openEvents()).toBe(0)
    expect((await line.step('plugin.Step', { EventId })).Data).toEqual(refusal)
  })

  test('makes way, oldest first, when there are too many', async () => {
    const id = await line.start('echo')
    const steps: Step[] = []
    for (let index = 0; index < 60; index++) steps.push(await line.begin(id))
    expect(await line.openEvents()).toBe(50)
    const late = await Promise.all([0, 9, 10, 59].map((index) => steps[index]?.EventId))
    const answers = []
    for (const EventId of late) answers.push((await line.step('plugin.Step', { EventId })).Data)
    expect(answers).toEqual([refusal, refusal, 'ret', 'ret'])
  })
})

describe('an instance', () => {
  test('that does not start is an error, and the server goes on', async () => {
    await expect(line.start('construct')).rejects.toThrow('bad configuration')
    expect((await line.begin(await line.start('pass'))).Data).toBe('ret')
  })

  test('that is unknown is an error that makes Kong start it again', async () => {
    await expect(line.begin(0)).rejects.toThrow('no plugin instance #0')
  })

  test('that was closed is unknown', async () => {
    const id = await line.start('pass')
    expect(await line.call('plugin.InstanceStatus', id)).toMatchObject({ Name: 'faults', Id: id })
    expect(await line.call('plugin.CloseInstance', id)).toMatchObject({ Name: 'faults', Id: id })
    await expect(line.begin(id)).rejects.toThrow('no plugin instance')
  })

  test('has a number that no other server process gives out', async () => {
    const here = await line.start('pass')
    const elsewhere = temporaryFolder()
    const other = await ServerProcess.start(bundle, elsewhere.path, 'faults')
    await expect((await other.connect()).begin(here)).rejects.toThrow('no plugin instance')
    await other.stop()
    elsewhere.remove()
  })

  test('is listed in the status, without its configuration', async () => {
    const id = await line.start('pass')
    expect(await line.call('plugin.GetStatus')).toEqual({
      Pid: server.child.pid,
      StartedByKong: false,
      Events: 0,
      Plugins: {
        faults: expect.objectContaining({
          Name: 'faults',
          Instances: expect.arrayContaining([
            { Name: 'faults', Id: id, StartTime: expect.any(Number) },
          ]),
        }),
      },
    })
  })
})
