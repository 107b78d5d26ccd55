import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER } from '../../testkit/plugin-commands.ts'
import { until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const ENTRY_POINT = resolve('kong/docker/with-plugin-server.sh')
const UNIT = readFileSync('examples/systemd/oathmesh-pluginserver.service', 'utf8')
/** Stands for `kong docker-start`: nginx ends gracefully at SIGQUIT. */
const KONG = [
  process.execPath,
  '-e',
  'process.on("SIGQUIT", () => process.exit(7)); setInterval(() => {}, 1000)',
]

describe('the entry point of a container whose Kong does not start the plugin server', () => {
  const home = mkdtempSync(join(tmpdir(), 'oathmesh-supervisor-'))
  let container: ChildProcess
  let gateway: Loopback
  const started: string[] = []

  beforeAll(async () => {
    mkdirSync(join(home, 'bin'))
    mkdirSync(join(home, 'prefix'))
    symlinkSync(HARDENED_PLUGIN_SERVER, join(home, 'bin/oathmesh-pluginserver.cjs'))
    symlinkSync(PLUGIN_FOLDER, join(home, 'kong'))
    const env = { ...process.env, OATHMESH_HOME: home, KONG_PREFIX: join(home, 'prefix') }
    container = spawn(ENTRY_POINT, KONG, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const input of [container.stdout, container.stderr]) {
      if (input === null) continue
      createInterface({ input }).on('line', (line) => {
        if (line.includes('server started')) started.push(line)
      })
    }
    gateway = await startOnLoopback({
      plugin: () => ({
        startCommand: undefined,
        queryCommand: [
          HARDENED_PLUGIN_SERVER,
          '-d',
          PLUGIN_FOLDER,
          '--wire',
          'protobuf',
          '--dump-all-plugins',
        ],
      }),
      socketPath: join(home, 'prefix/oathmesh.sock'),
      entities: serviceWith({ '/items': BASE_CONFIG }),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
    // A group of its own: nothing of it outlives a test that failed.
    if (container.exitCode === null) process.kill(-Number(container.pid), 'SIGKILL')
    rmSync(home, { recursive: true, force: true })
  })

  const call = async () => {
    const headers = ['Authorization', `OathMesh ${freshToken()}`]
    return (await httpCall(gateway.url, { path: '/items', headers })).status
  }

  const serverPid = () => {
    const list = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n')
    return Number(
      list
        .find((line) => line.includes(join(home, 'kong')))
        ?.trim()
        .split(' ')[0],
    )
  }

  test('serves', async () => {
    await until(async () => (await call()) === 200, 10_000)
  })

  test('starts the plugin server again, and nothing passes meanwhile', async () => {
    const before = gateway.seen.length
    process.kill(serverPid(), 'SIGKILL')
    const refused = await httpCall(gateway.url, { path: '/items' })
    expect([401, 500]).toContain(refused.status)
    await until(async () => (await call()) === 200, 10_000)
    expect(started.length).toBeGreaterThanOrEqual(2)
    expect(
      gateway.seen.slice(before).every(({ headers }) => headers['x-oathmesh-decision'] === 'allow'),
    ).toBe(true)
  })

  test('ends with Kong, and takes the plugin server along', async () => {
    const pid = serverPid()
    container.kill('SIGTERM')
    const [code] = (await once(container, 'exit')) as [number]
    expect(code).toBe(7)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

describe('the unit for systemd', () => {
  const command = /^ExecStart=(.*)$/m.exec(UNIT)?.[1]?.split(' ') ?? []

  test('runs the plugin server with flags that it takes', () => {
    const [program, ...flags] = command
    expect(program).toBe('/opt/oathmesh/bin/oathmesh-pluginserver.cjs')
    const here = flags.map((flag) => (flag === '/opt/oathmesh/kong' ? PLUGIN_FOLDER : flag))
    const args = [...here, '--dump-all-plugins']
    const dump = JSON.parse(execFileSync(HARDENED_PLUGIN_SERVER, args, { encoding: 'utf8' })) as {
      Protocol: string
    }
    expect(dump.Protocol).toBe('ProtoBuf:1')
  })

  test('listens where docs/deploy.md has Kong look for it, on the same wire', () => {
    const [block = ''] = /```ini\n[\s\S]*?```/.exec(readFileSync('docs/deploy.md', 'utf8')) ?? []
    const conf = new Map(
      [...block.matchAll(/^(\w+) = (.*)$/gm)].map(([, key, value]) => [key, value]),
    )
    const name = conf.get('pluginserver_names') ?? ''
    const prefix = `pluginserver_${name.replaceAll('-', '_')}`
    const [, folder = ''] = /--kong-prefix (\S+)/.exec(command.join(' ')) ?? []
    const [, file = ''] = /--sock-name (\S+)/.exec(command.join(' ')) ?? []
    expect(conf.get(`${prefix}_socket`)).toBe(join(folder, file))
    expect(conf.get(`${prefix}_query_cmd`)).toContain('--wire protobuf')
    expect(conf.has(`${prefix}_start_cmd`)).toBe(false)
    // Kong would start /usr/local/bin/<name>.
    expect(['oathmesh', 'oathmesh-pluginserver']).not.toContain(name)
  })
})
