import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { KongLine } from './kong-line.ts'
import { bundleServer, FIXTURES, ServerProcess, STOCK, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
const processes: ServerProcess[] = []
let prefix: string
let count = 0

beforeEach(() => {
  prefix = join(folder.path, String(count++))
  mkdirSync(prefix)
})
afterEach(() => Promise.all(processes.splice(0).map((each) => each.stop())))
afterAll(() => folder.remove())

const start = async (script = bundle) => {
  const server = await ServerProcess.start(script, prefix, 'faults')
  processes.push(server)
  return server
}

async function pidAt(path: string): Promise<number> {
  const line = await KongLine.connect(path)
  const { Pid } = (await line.call('plugin.GetStatus')) as { Pid: number }
  await line.close()
  return Pid
}

describe('the socket', () => {
  test('and that for its status are the only files that the server leaves in the folder', async () => {
    const { socketPath } = await start()
    const files = ['js_pluginserver.sock', 'js_pluginserver.sock.status']
    expect(readdirSync(prefix).sort()).toEqual(files)
    expect(statSync(socketPath).isSocket()).toBe(true)
  })

  test('of a server that was killed is replaced', async () => {
    const first = await start()
    await first.stop('SIGKILL')
    expect(existsSync(first.socketPath)).toBe(true)
    const second = await start()
    expect(await pidAt(second.socketPath)).toBe(second.child.pid)
  })

  test.each([
    ['this server', () => bundle],
    ['the stock server', () => STOCK],
  ])('of a live process of %s is refused, and that process is left alone', async (_, script) => {
    const first = await start(script())
    const second = new ServerProcess(bundle, prefix, 'faults')
    expect(await second.exited).toBe(1)
    expect(second.output).toMatch(
      `${first.socketPath} is served by process ${first.child.pid}, which does not belong to this Kong`,
    )
    expect(await pidAt(first.socketPath)).toBe(first.child.pid)
  })

  test('of a live process that is no plugin server is refused', async () => {
    const server = createServer((socket) => socket.end('hello'))
    server.listen(join(prefix, 'js_pluginserver.sock'))
    await once(server, 'listening')
    const refused = new ServerProcess(bundle, prefix, 'faults')
    expect(await refused.exited).toBe(1)
    expect(refused.output).toMatch(/a process that does not give its id/)
    server.close()
  })

  test('is not taken from a file', async () => {
    writeFileSync(join(prefix, 'js_pluginserver.sock'), 'precious')
    const refused = new ServerProcess(bundle, prefix, 'faults')
    expect(await refused.exited).toBe(1)
    expect(refused.output).toMatch(/exists and is not a socket/)
  })

  test('is left alone by a server that has lost it', async () => {
    const first = await start()
    rmSync(first.socketPath)
    const second = await start()
    expect(await first.stop('SIGTERM')).toBe(0)
    expect(await pidAt(second.socketPath)).toBe(second.child.pid)
  })

  test('once lost, ends a server that nobody is connected to any more', async () => {
    const server = await start()
    const line = await server.connect()
    const { EventId } = await line.begin(await line.start('echo'))
    rmSync(server.socketPath)
    expect((await line.step('plugin.StepMultiMap', { EventId, Data: {} })).Data).toBe('ret')
    await line.close()
    expect(await server.exited).toBe(0)
    expect(server.output).toMatch(/its socket is gone/)
  })
})

describe('a server that Kong started', () => {
  // Kong's processes as the plugin server sees them: a master named nginx, and workers of the same name
  // that each start a plugin server when told so.
  const MASTER = `
    process.title = 'nginx'
    const { spawn } = require('node:child_process')
    const worker = "process.title = 'nginx'; require('node:child_process').spawn(process.execPath, " +
      "process.argv.slice(1), { stdio: 'inherit' })"
    const start = () => spawn(process.execPath, ['-e', worker, ...process.argv.slice(1)], { stdio: 'inherit' })
    start()
    process.stdin.on('data', start)
  `
  const masters: ChildProcess[] = []

  /** With a process group of its own, so that nothing of it outlives the test. */
  function startMaster() {
    const args = [
      '-e',
      MASTER,
      bundle,
      '--wire',
      'msgpack',
      '-p',
      prefix,
      '-d',
      join(FIXTURES, 'faults'),
    ]
    const master = spawn(process.execPath, args, {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    })
    masters.push(master)
    return master
  }

  const socketPath = () => join(prefix, 'js_pluginserver.sock')

  /** The worker that started this plugin server; its master is dead already. */
  function killWorkersOf(server: number) {
    const parent = Number(
      readFileSync(`/proc/${server}/stat`, 'latin1').split(') ')[1]?.split(' ')[1],
    )
    if (parent > 1) process.kill(parent, 'SIGKILL')
  }

  afterEach(() => {
    for (const { pid } of masters.splice(0)) {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    }
  })

  test('takes the place of the one before a reload, and Kong finds one at every moment', async () => {
    const master = startMaster()
    const socketPath = join(prefix, 'js_pluginserver.sock')
    await matches(master.stderr, /server started/)
    const old = await KongLine.connect(socketPath)
    const { Pid: oldPid } = (await old.call('plugin.GetStatus')) as { Pid: number }
    const held = await old.begin(await old.start('echo'))

    master.stdin.write('reload\n')
    let pid = await pidAt(socketPath)
    while (pid === oldPid) pid = await pidAt(socketPath)

    // The old workers finish what they have begun; a step that goes astray is refused, not proxied on.
    const line = await KongLine.connect(socketPath)
    const astray = await line.step('plugin.StepMultiMap', { EventId: held.EventId, Data: {} })
    expect(astray.Data).toMatchObject({ Method: 'kong.response.exit', Args: [503, {}, {}] })
    const { Data } = await old.step('plugin.StepMultiMap', { EventId: held.EventId, Data: {} })
    expect(Data).toBe('ret')

    process.kill(oldPid, 'SIGTERM')
    await old.closed
    expect(await pidAt(socketPath)).toBe(pid)
    await line.close()
  })

  test('takes the place of one that was left behind by a Kong that is gone', async () => {
    const gone = startMaster()
    await matches(gone.stderr, /server started/)
    const orphan = await pidAt(socketPath())
    // Whoever is connected keeps the server alive, as a worker would.
    const held = await KongLine.connect(socketPath())
    gone.kill('SIGKILL')
    await once(gone, 'exit')
    killWorkersOf(orphan)
    await matches(startMaster().stderr, /server started/)
    expect(await pidAt(socketPath())).not.toBe(orphan)
    await held.close()
  })

  test('ends once that Kong is gone and nobody is connected', async () => {
    const gone = startMaster()
    const output = matches(gone.stderr, /the Kong that started it is gone/)
    await once(gone.stderr, 'data')
    const line = await KongLine.connect(socketPath())
    const { Pid } = (await line.call('plugin.GetStatus')) as { Pid: number }
    gone.kill('SIGKILL')
    await once(gone, 'exit')
    killWorkersOf(Pid)
    await line.close()
    await output
  })

  test('leaves a server alone that somebody else started', async () => {
    const other = await start()
    await matches(startMaster().stderr, /which does not belong to this Kong/)
    expect(await pidAt(other.socketPath)).toBe(other.child.pid)
  })

  test('leaves the server of another Kong alone', async () => {
    await matches(startMaster().stderr, /server started/)
    const pid = await pidAt(join(prefix, 'js_pluginserver.sock'))
    await matches(startMaster().stderr, /which does not belong to this Kong/)
    expect(await pidAt(join(prefix, 'js_pluginserver.sock'))).toBe(pid)
  })
})

async function matches(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    if (pattern.test(text)) return
  }
  throw new Error(`the output ended without ${pattern}:\n${text}`)
}
