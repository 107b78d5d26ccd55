import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { freePort, listen } from '../../../testkit/listen.ts'
import { until } from '../../../testkit/redis-server.ts'
import { bundleServer, FIXTURES, ServerProcess, temporaryFolder } from './server-process.ts'

const WAIT_MS = 30_000
const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
let prefix: string
let count = 0

beforeEach(() => {
  prefix = join(folder.path, String(count++))
  mkdirSync(prefix)
})
afterAll(() => folder.remove())

async function textAt(url: string): Promise<string> {
  return (await fetch(url)).text()
}

describe('--metrics', () => {
  test('at an address that somebody else has is an error at start that says what to do', async () => {
    const other = await listen(createServer((_, response) => void response.end('ok')))
    const address = other.url.replace('http://', '')
    const server = new ServerProcess(bundle, prefix, 'faults', ['--metrics', address])

    expect(await server.exited).toBe(1)
    expect(server.output).toContain(
      `--metrics: ${address} is in use by another process: stop that one, or name another address`,
    )
    expect(existsSync(server.socketPath)).toBe(false)
    await other.stop()
  })

  test.each(['nowhere', '127.0.0.1:99999', 'unix:'])('cannot be %s', async (address) => {
    const server = new ServerProcess(bundle, prefix, 'faults', ['--metrics', address])

    expect(await server.exited).toBe(1)
    expect(server.output).toContain('--metrics')
  })

  test('counts what the server itself refuses, and what is open', async () => {
    const flags = ['--metrics', `unix:${join(prefix, 'm.sock')}`, '--phase-timeout-ms', '100']
    const server = await ServerProcess.start(bundle, prefix, 'faults', flags)
    const line = await server.connect()
    await line.begin(await line.start('throw'))
    const metrics = await new Promise<string>((resolve, reject) => {
      const options = { socketPath: join(prefix, 'm.sock'), path: '/metrics' }
      const asked = request(options, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        answer.on('end', () => resolve(text))
      })
      asked.on('error', reject).end()
    })

    expect(metrics).toMatch(/^oathmesh_server_refusals_total\{reason="plugin_threw"\} 1$/m)
    expect(metrics).toMatch(/^oathmesh_open_events 0$/m)
    expect(metrics).toMatch(/^oathmesh_instances 1$/m)
    await server.stop()
  })

  test('is taken over by the server of the next reload, which does not fail for it', async () => {
    const address = `127.0.0.1:${await freePort()}`
    const flags = ['-p', prefix, '-d', join(FIXTURES, 'faults'), '--metrics', address]
    // Kong's processes as the plugin server sees them: a master and workers, all named nginx.
    const worker =
      "process.title = 'nginx'; require('node:child_process').spawn(process.execPath, " +
      "process.argv.slice(1), { stdio: 'inherit' })"
    const start = `spawn(process.execPath, ['-e', ${JSON.stringify(worker)}, ...process.argv.slice(1)], { stdio: 'inherit' })`
    const master = spawn(
      process.execPath,
      [
        '-e',
        `process.title = 'nginx'; const { spawn } = require('node:child_process'); ${start}; process.stdin.on('data', () => ${start})`,
        bundle,
        ...flags,
      ],
      { stdio: ['pipe', 'ignore', 'pipe'], detached: true },
    )
    let log = ''
    master.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
    const pidAt = async () => /pid=(\d+)/.exec(await textAt(`http://${address}/healthz`))?.[1]
    try {
      await until(() => /server started/.test(log), WAIT_MS)
      const before = await pidAt()
      master.stdin.write('reload\n')
      await until(() => log.match(/server started/g)?.length === 2, WAIT_MS)
      await until(async () => ![before, undefined].includes(await pidAt()), WAIT_MS)

      expect(await textAt(`http://${address}/metrics`)).toContain('oathmesh_workers 1')
    } finally {
      if (master.pid !== undefined) process.kill(-master.pid, 'SIGKILL')
    }
  })
})
