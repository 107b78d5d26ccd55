import { existsSync } from 'node:fs'
import { KongLine } from './kong-line.ts'
import { bundleServer, ServerProcess, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
let server: ServerProcess

const start = async (...flags: readonly string[]) => {
  server = await ServerProcess.start(bundle, folder.path, 'faults', flags)
  return server.connect()
}

afterEach(() => server.stop())
afterAll(() => folder.remove())

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends an idle server at once, with its socket', async () => {
    const line = await start()
    server.child.kill(signal)
    expect(await server.exited).toBe(0)
    expect(existsSync(server.socketPath)).toBe(false)
    await line.closed
  })

  test('lets an open request finish, and takes no new connection meanwhile', async () => {
    const line = await start()
    const { EventId } = await line.begin(await line.start('echo'))
    server.child.kill(signal)
    await server.logged(/stopping/)
    await expect(KongLine.connect(server.socketPath)).rejects.toThrow(/ENOENT/)
    expect((await line.step('plugin.Step', { EventId })).Data).toBe('ret')
    expect(await server.exited).toBe(0)
  })

  test('refuses what is not finished in time', async () => {
    const line = await start('--drain-ms', '50')
    line.send('plugin.HandleEvent', { InstanceId: await line.start('hold'), EventName: 'access' })
    await server.eventsBecome(1)
    server.child.kill(signal)
    expect((await line.answer()).result).toMatchObject({
      Data: { Method: 'kong.response.exit', Args: [503, {}, {}] },
    })
    expect(await server.exited).toBe(0)
    expect(server.output).toMatch(/the server is stopping/)
  })
})

test('a second signal ends the server without waiting', async () => {
  const line = await start()
  await line.begin(await line.start('echo'))
  server.child.kill('SIGTERM')
  await server.logged(/stopping/)
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(0)
})

test('standard output stays empty while serving', async () => {
  const line = await start('-v')
  const printed: string[] = []
  server.child.stdout?.on('data', (text) => printed.push(text))
  await line.begin(await line.start('throw'))
  await server.logged(/call method="plugin.HandleEvent"/)
  await server.stop('SIGTERM')
  expect(printed).toEqual([])
})
