import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { httpCall } from '../../../testkit/http-call.ts'

const ODD = `${process.execPath} ${resolve('test/fixtures/odd-plugin-server/odd.cjs')}`

describe('the command of the local gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-main-test-'))
  const config = join(folder, 'kong.yml')
  const socket = join(folder, 'plugin.sock')
  const children: ChildProcess[] = []
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  function configure(mode: string): void {
    const plugin = `{ name: oathmesh, config: { mode: ${mode} } }`
    const service = `{ name: up, url: 'http://127.0.0.1:1', routes: [{ paths: [/], plugins: [${plugin}] }] }`
    writeFileSync(config, `_format_version: "3.0"\nservices: [${service}]\n`)
  }

  function start(): ChildProcess {
    const tsx = ['--import', resolve('node_modules/tsx/dist/loader.mjs')]
    const main = resolve('kong/local-gateway/main.ts')
    const commands = ['--start-cmd', `${ODD} ${socket}`, '--query-cmd', `${ODD} --dump`]
    const rest = ['--config', config, '--socket', socket, '--port', '0', '--log-level', 'info']
    const env = { ...process.env, TMPDIR: folder }
    const child = spawn(process.execPath, [...tsx, main, ...commands, ...rest], { env })
    children.push(child)
    return child
  }

  /** Resolves with the first line of either output that matches. */
  function line(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((found) => {
      for (const input of [child.stdout, child.stderr]) {
        if (input === null) continue
        createInterface({ input }).on('line', (text) => {
          const match = pattern.exec(text)
          if (match !== null) found(match)
        })
      }
    })
  }

  const folders = () => readdirSync(folder).filter((name) => name.startsWith('oathmesh-gateway-'))

  test('says where it listens, and leaves nothing behind when it is asked to end', async () => {
    configure('plain')
    const child = start()
    const pid = line(child, /^\[info\] \[oathmesh:(\d+)\] listening$/)
    const [, url = ''] = await line(child, /^listening on (http:\/\/127\.0\.0\.1:\d+)$/)
    expect((await httpCall(url, { path: '/' })).status).toBe(502)
    const [, pluginServer] = await pid
    expect(folders()).toHaveLength(1)
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(0)
    expect(isAlive(Number(pluginServer))).toBe(false)
    expect(folders()).toEqual([])
  })

  test('takes the plugin server with it when it is killed', async () => {
    configure('plain')
    const child = start()
    const pid = line(child, /\[oathmesh:(\d+)\] listening$/)
    const [, url = ''] = await line(child, /^listening on (.*)$/)
    await httpCall(url, { path: '/' })
    const pluginServer = Number((await pid)[1])
    child.kill('SIGKILL')
    await once(child, 'exit')
    while (isAlive(pluginServer)) await new Promise((next) => setImmediate(next))
  })

  test('says what is wrong and ends', async () => {
    configure('nap')
    const child = start()
    await line(child, /^plugin oathmesh \([-0-9a-f]+\): config\.mode: expected one of: plain, /)
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(1)
  })
})

/** A process that has ended may wait long for whoever has adopted it to notice. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}
