import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeMessage } from '../../plugins/pluginserver/wire/protobuf/write-message.ts'
import { KongLine } from '../plugins/pluginserver/kong-line.ts'
import { ProtobufLine } from '../plugins/pluginserver/protobuf-line.ts'
import {
  bundleServer,
  FIXTURES,
  ServerProcess,
  temporaryFolder,
} from '../plugins/pluginserver/server-process.ts'

const SECRET = 'planted-redis-password'
const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
const running: ServerProcess[] = []
let prefix: string
let count = 0

beforeEach(() => {
  prefix = join(folder.path, String(count++))
  mkdirSync(prefix)
})
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())))
afterAll(() => folder.remove())

async function start(flags: readonly string[] = []): Promise<ServerProcess> {
  const server = await ServerProcess.start(bundle, prefix, 'faults', flags)
  running.push(server)
  return server
}

function refused(flags: readonly string[], at = prefix): ServerProcess {
  const server = new ServerProcess(bundle, at, 'faults', flags)
  running.push(server)
  return server
}

/** What a local user sees who looks all the time while a server starts with this umask. */
async function modesSeen(umask: string, flags: readonly string[]): Promise<Set<string>> {
  const seen = new Set<string>()
  // As nginx starts it: with an umask of its own.
  const shell = `umask ${umask}; exec "$@"`
  const command = [bundle, '-p', prefix, '-d', join(FIXTURES, 'faults'), ...flags]
  const child = spawn('sh', ['-c', shell, 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let started = false
  child.stderr.on('data', (text: Buffer) => {
    started ||= text.includes('server started')
  })
  const exited = new Promise((resolve) => child.on('exit', resolve))
  while (!started && child.exitCode === null) {
    for (const name of readdirSync(prefix)) {
      const mode = statSync(join(prefix, name), { throwIfNoEntry: false })?.mode
      if (mode !== undefined) seen.add((mode & 0o777).toString(8))
    }
    await new Promise(setImmediate)
  }
  seen.add((statSync(join(prefix, 'js_pluginserver.sock')).mode & 0o777).toString(8))
  child.kill()
  await exited
  return seen
}

describe('the permissions of the socket', () => {
  test.each(['0', '022', '077', '0777'])(
    'are 0600 at every moment with umask %s',
    async (umask) => {
      expect([...(await modesSeen(umask, []))]).toEqual(['600'])
    },
  )

  test.each([
    ['0600', ['600']],
    ['600', ['600']],
    ['0660', ['600', '660']],
  ])('are never wider than --socket-mode %s', async (mode, allowed) => {
    const seen = await modesSeen('0', ['--socket-mode', mode])
    expect([...seen].filter((each) => !allowed.includes(each))).toEqual([])
    expect(seen.has(allowed.at(-1) ?? '')).toBe(true)
  })

  test.each(['0666', '0777', '0606', '0', 'rw', '', '00600', '0o660'])(
    'are not made %j',
    async (mode) => {
      const server = refused(['--socket-mode', mode])
      expect(await server.exited).toBe(1)
      expect(server.output).toMatch(`--socket-mode must be 0600 or 0660, not "${mode}"`)
      expect(readdirSync(prefix)).toEqual([])
    },
  )
})

describe('the configuration of an instance', () => {
  async function withSecret() {
    const line = await (await start()).connect()
    const Config = JSON.stringify({ mode: 'pass', redis: { password: SECRET } })
    const { Id } = (await line.call('plugin.StartInstance', { Name: 'faults', Config })) as {
      Id: number
    }
    return { line, Id }
  }

  test.each([
    ['plugin.InstanceStatus', (id: number) => [id]],
    ['plugin.GetStatus', () => []],
    ['plugin.GetPluginInfo', () => ['faults']],
    ['plugin.CloseInstance', (id: number) => [id]],
  ])('is not told by %s', async (method, parameters) => {
    const { line, Id } = await withSecret()
    const answer = await line.call(method, ...parameters(Id))
    expect(JSON.stringify(answer)).not.toContain(SECRET)
  })

  test.each([
    ['plugin.HandleEvent', (id: number) => [{ InstanceId: id, EventName: 'nope' }]],
    ['plugin.Step', () => [{ EventId: 1, Data: null }]],
    ['plugin.SetPluginDir', () => ['/']],
    ['plugin.getStatus', () => []],
    ['plugin.DumpInstances', () => []],
  ])('is not told by %s either', async (method, parameters) => {
    const { line, Id } = await withSecret()
    line.send(method, ...parameters(Id))
    expect(JSON.stringify(await line.answer())).not.toContain(SECRET)
  })
})

describe('the configuration of an instance on protobuf', () => {
  test.each([
    ['getInstanceStatus', (instanceId: number) => ({ instanceId })],
    ['closeInstance', (instanceId: number) => ({ instanceId })],
    ['getPluginInfo', () => ({ name: 'faults' })],
    ['getPluginNames', () => ({})],
  ])('is not told by %s, nor by the answer to its start', async (kind, message) => {
    const { socketPath } = await start(['--wire', 'protobuf'])
    const line = await ProtobufLine.connect(socketPath)
    const config = JSON.stringify({ mode: 'pass', redis: { password: SECRET } })
    const started = await line.call('startInstance', { name: 'faults', config })
    const { instanceId } = started['instanceStatus'] as { instanceId: number }
    line.send(writeMessage('RpcCall', { sequence: 9, [kind]: message(instanceId) }))
    const answer = await line.frame()
    expect(answer?.length).toBeGreaterThan(2)
    expect(answer?.toString()).not.toContain(SECRET)
    expect(JSON.stringify(started)).not.toContain(SECRET)
    await line.close()
  })
})

describe('a path where no socket can be', () => {
  /** A sock-name that makes the path this long. */
  const nameFor = (bytes: number, unit = 'x') => {
    const room = bytes - Buffer.byteLength(`${prefix}/`)
    const filler = unit.repeat(Math.floor(room / Buffer.byteLength(unit)))
    return filler + 'y'.repeat(room - Buffer.byteLength(filler))
  }

  test.each([
    [108, 'x'],
    [109, 'x'],
    [500, 'x'],
    [108, 'é'],
    [110, '😀'],
  ])('is refused in words with %i bytes of %s', async (bytes, unit) => {
    const server = refused(['--sock-name', nameFor(bytes, unit)])
    expect(await server.exited).toBe(1)
    expect(server.output).toMatch(
      `the path of the socket has ${bytes} bytes and may have 107: choose a shorter --kong-prefix or --sock-name`,
    )
    expect(server.output).not.toMatch(/server started/)
    expect(readdirSync(prefix)).toEqual([])
  })

  test('is served with 107 bytes', async () => {
    const name = nameFor(107)
    await start(['--sock-name', name])
    const line = await KongLine.connect(join(prefix, name))
    expect(await line.openEvents()).toBe(0)
    await line.close()
  })

  test('is refused where only the name before its own would not fit', async () => {
    const deep = join(prefix, 'x'.repeat(107 - 3 - prefix.length))
    mkdirSync(deep)
    const server = refused(['--sock-name', 'a'], deep)
    expect(await server.exited).toBe(1)
    expect(server.output).toMatch(/bytes and may have 107/)
  })

  test('does not cost a live server its place', async () => {
    const name = nameFor(107)
    const live = await start(['--sock-name', name])
    // Cut off at 107 bytes, as the kernel would, this is the path of the live one.
    const second = refused(['--sock-name', `${name}z`])
    expect(await second.exited).toBe(1)
    const line = await KongLine.connect(join(prefix, name))
    expect(await line.call('plugin.GetStatus')).toMatchObject({ Pid: live.child.pid })
    await line.close()
  })

  test.each([
    ['a missing folder', () => join(prefix, 'no', 'such'), /does not exist: create it, or name/],
    ['a file', () => join(prefix, 'file'), /is not a folder/],
    [
      'a folder behind a file',
      () => join(prefix, 'file', 'below'),
      /cannot be looked into \(ENOTDIR\)/,
    ],
    ['a link to nowhere', () => join(prefix, 'link'), /does not exist/],
  ])('is refused in words in %s', async (_, place, message) => {
    writeFileSync(join(prefix, 'file'), '')
    symlinkSync(join(prefix, 'gone'), join(prefix, 'link'))
    const server = refused([], place())
    expect(await server.exited).toBe(1)
    expect(server.output).toMatch(message)
    expect(server.output).not.toMatch(/server started/)
  })
})

describe('the place of a live server', () => {
  test('is not taken by any of ten that start at once', async () => {
    const others = Array.from({ length: 10 }, () => refused([]))
    const first = await Promise.any(
      others.map(async (each) => (await each.logged(/server started/)) && each),
    )
    const exits = await Promise.all(others.filter((each) => each !== first).map((e) => e.exited))
    expect(exits).toEqual(new Array(9).fill(1))
    expect(await (await first.connect()).call('plugin.GetStatus')).toMatchObject({
      Pid: first.child.pid,
    })
  })

  test.each([
    ['protobuf', 'msgpack'],
    ['msgpack', 'protobuf'],
    ['protobuf', 'protobuf'],
  ])('on %s is not taken by one that starts on %s', async (first, second) => {
    const live = await start(['--wire', first])
    const late = refused(['--wire', second])
    expect(await late.exited).toBe(1)
    expect(late.output).toMatch(
      `is served by process ${live.child.pid}, which does not belong to this Kong: stop it first`,
    )
    expect(live.output).not.toMatch(/warn|error/)
  })

  test('of several workers is not taken', async () => {
    const live = await start(['--wire', 'protobuf', '--workers', '2'])
    const late = refused([])
    expect(await late.exited).toBe(1)
    expect(late.output).toMatch(`is served by process ${live.child.pid}`)
    await live.stop('SIGTERM')
  })

  test('is not taken when its file was replaced by a link', async () => {
    const live = await start()
    rmSync(join(prefix, 'link.sock'), { force: true })
    symlinkSync(live.socketPath, join(prefix, 'link.sock'))
    const second = refused(['--sock-name', 'link.sock'])
    expect(await second.exited).toBe(1)
    expect(second.output).toMatch(/exists and is not a socket/)
  })
})
