import { bundleServer, ServerProcess, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
let server: ServerProcess

beforeAll(async () => {
  server = await ServerProcess.start(bundle, folder.path, 'faults')
})
afterAll(async () => {
  await server.stop()
  folder.remove()
})

describe('when a connection closes', () => {
  test('an event that was answered lives on, and its next step may come over another one', async () => {
    const line = await server.connect()
    const { EventId } = await line.begin(await line.start('echo'))
    await line.close()
    const other = await server.connect()
    expect(await other.openEvents()).toBe(1)
    expect((await other.step('plugin.StepMultiMap', { EventId, Data: {} })).Data).toBe('ret')
    await other.close()
  })

  test('an event that waits for its first answer is dropped', async () => {
    const line = await server.connect()
    line.send('plugin.HandleEvent', { InstanceId: await line.start('hold'), EventName: 'access' })
    await server.eventsBecome(1)
    await line.close()
    await server.eventsBecome(0)
  })

  test('an event that waits for a later answer is dropped, and its plugin can call no more', async () => {
    const [line, other] = [await server.connect(), await server.connect()]
    const { EventId } = await line.begin(await line.start('wait'))
    other.send('plugin.Step', { EventId, Data: '/' })
    await line.close()
    expect(await (await server.connect()).openEvents()).toBe(1)
    await other.close()
    await server.eventsBecome(0)
    server.child.kill('SIGHUP')
    await server.logged(/released: kong.request.get_method after the end of the phase/)
  })

  test('in the middle of a frame, nothing is left', async () => {
    const line = await server.connect()
    line.socket.write(Buffer.from('940002b2', 'hex'))
    await line.close()
    await server.eventsBecome(0)
  })
})

test('SIGHUP reaches the plugin and does not end the process', async () => {
  const line = await server.connect()
  const { EventId } = await line.begin(await line.start('wait'))
  line.send('plugin.Step', { EventId, Data: '/' })
  await server.eventsBecome(1)
  server.child.kill('SIGHUP')
  expect((await line.answer()).result).toMatchObject({
    Data: { Method: 'kong.request.get_method' },
  })
  await line.step('plugin.Step', { EventId })
  await line.close()
})
