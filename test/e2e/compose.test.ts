import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { statusCommand } from '../../cli/status/status-command.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { freePort } from '../../testkit/redis-server.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { fakeIo } from '../cli/fake-io.ts'

const OATHMESH = resolve('dist/bin/oathmesh.cjs')
const text = readFileSync('docker-compose.yml', 'utf8')

interface Service {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const services = (parse(text) as { services: Record<string, Service> }).services
const credential = services['issuer']?.environment?.['OATHMESH_CREDENTIAL'] ?? ''

/** What the images would run, as processes on loopback. */
class Composition {
  readonly folder = mkdtempSync(join(tmpdir(), 'oathmesh-compose-'))
  readonly #children: ChildProcess[] = []
  #gateway: Loopback | undefined
  issuer = ''
  kong = ''

  async start(): Promise<void> {
    const [redis, issuer, metrics] = [await freePort(), await freePort(), await freePort()]
    this.issuer = `http://127.0.0.1:${issuer}`
    const here = (file: string) =>
      readFileSync(file, 'utf8')
        .replaceAll('http://issuer:4000', this.issuer)
        .replaceAll('host: redis', `host: 127.0.0.1, port: ${redis}`)
        .replace('host: 0.0.0.0', `host: 127.0.0.1\n  port: ${issuer}`)
        .replace('0.0.0.0:9543', `127.0.0.1:${metrics}`)
        .replace('/var/lib/oathmesh/keys', join(this.folder, 'keys'))
    writeFileSync(join(this.folder, 'issuer.yaml'), here('kong/docker/issuer.yaml'))

    const [server = '', ...options] = services['redis']?.command ?? []
    this.#spawn(server, [...options, '--port', String(redis), '--dir', this.folder])
    mkdirSync(join(this.folder, 'keys'), { mode: 0o700 })
    const keys = ['keys', 'rotate', '--directory', join(this.folder, 'keys'), '--delay', '0']
    const rotated = await this.oathmesh(keys)
    if (rotated.code !== 0) throw new TypeError(rotated.output)
    this.#spawn(process.execPath, [OATHMESH, 'serve', '--config', 'issuer.yaml'])
    await ready(`${this.issuer}/readyz`)
    this.#gateway = await startOnLoopback({
      entities: (upstream) =>
        here('kong/docker/kong.yml').replaceAll('http://upstream:80', upstream),
      nativeFunctions,
    })
    this.kong = this.#gateway.url
  }

  /** Runs the command line as `docker compose exec issuer oathmesh` does. */
  async oathmesh(args: readonly string[]): Promise<{ code: number; output: string }> {
    const env = { ...process.env, OATHMESH_CREDENTIAL: credential }
    const child = spawn(process.execPath, [OATHMESH, ...args], { cwd: this.folder, env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk)
      })
    }
    const [code] = (await once(child, 'close')) as [number]
    return { code, output }
  }

  async stop(): Promise<void> {
    closeHttpCalls()
    await this.#gateway?.stop()
    for (const child of this.#children) {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  #spawn(command: string, args: readonly string[]): void {
    this.#children.push(spawn(command, args, { cwd: this.folder, stdio: 'ignore' }))
  }
}

async function ready(url: string): Promise<void> {
  for (let tries = 0; tries < 800; tries++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new TypeError(`${url} is not ready`)
}

describe('docker-compose.yml without containers', () => {
  const composition = new Composition()
  beforeAll(() => composition.start())
  afterAll(() => composition.stop())

  test('lets a call with a token through, by the command it shows', async () => {
    const shown = /exec issuer oathmesh (curl .*)$/m.exec(text)?.[1] ?? ''
    const args = shown
      .replace('http://127.0.0.1:4000', composition.issuer)
      .replace('http://kong:8000', composition.kong)
      .split(' ')
    let [code, output] = [1, '']
    // For a second, an empty Redis does not know what was used before it.
    for (let tries = 0; code !== 0 && tries < 10; tries++) {
      ;({ code, output } = await composition.oathmesh(args))
    }
    expect(output).toContain('"x-oathmesh-subject":"svc://demo/cart"')
    expect([code, output]).toEqual([0, expect.not.stringContaining('authorization')])
  })

  test('refuses a call without a token', async () => {
    const { status } = await httpCall(composition.kong, { path: '/inventory' })
    expect(status).toBe(401)
  })

  test('lets the service pass that only observes', async () => {
    const { status, text: body } = await httpCall(composition.kong, { path: '/legacy' })
    expect([status, JSON.parse(body)]).toEqual([
      200,
      expect.objectContaining({
        headers: expect.objectContaining({ 'x-oathmesh-decision': 'observe' }),
      }),
    ])
  })
})

describe('the images', () => {
  const dockerfile = readFileSync('kong/Dockerfile', 'utf8')
  const images = [
    ...Object.values(services).map(({ image }) => image),
    ...[...dockerfile.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].map(([, image]) => image ?? ''),
  ]

  test.each(images)('%s is pinned to a version', (image) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+/)
  })

  test('are built with every folder that the build reads', () => {
    const entries = [...readFileSync('build.mjs', 'utf8').matchAll(/'(\w[\w/]*)\/\w+\.ts'/g)]
    const folders = new Set(entries.map(([, path = '']) => path.split('/')[0]))
    const copied = [...dockerfile.matchAll(/^COPY (\w+)/gm)].map(([, folder]) => folder)
    const ignored = readFileSync('.dockerignore', 'utf8')
    expect(folders.size).toBeGreaterThanOrEqual(4)
    for (const folder of folders) {
      expect(copied).toContain(folder)
      expect(ignored).toContain(`\n!${folder}`)
    }
  })

  test('have libsodium beside the plugin, of the version that is tested', () => {
    const { dependencies } = JSON.parse(readFileSync('kong/docker/native/package.json', 'utf8'))
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(dependencies).toEqual({ 'sodium-native': devDependencies['sodium-native'] })
    expect(dockerfile).toContain(
      '/src/kong/docker/native/node_modules /opt/oathmesh/node_modules\n',
    )
  })

  test('do not run as root', () => {
    for (const stage of dockerfile.split(/^FROM .* AS /m).slice(2)) {
      expect([...stage.matchAll(/^USER (.*)$/gm)].at(-1)?.[1]).toMatch(
        /^(?:kong|node|[1-9]\d*:[1-9]\d*)$/,
      )
    }
  })

  test('have the files where kong.conf looks for them', () => {
    const [command = ''] = /_start_cmd = (.*)$/m.exec(readFileSync('kong/kong.conf', 'utf8')) ?? []
    for (const path of ['/opt/oathmesh/bin/oathmesh-pluginserver.cjs', '/opt/oathmesh/kong']) {
      expect(command).toContain(path)
      expect(dockerfile).toContain(` ${path}\n`)
    }
  })

  test('ask for their health what is there, at the socket that kong.conf names', () => {
    const [check = ''] = /CMD \["sh", .*$/m.exec(dockerfile) ?? []
    expect(check).toContain('node /opt/oathmesh/bin/oathmesh.cjs status --alive')
    expect(dockerfile).toContain(' /opt/oathmesh/bin/oathmesh.cjs\n')
    const [socket = ''] = /(?<=_socket = ).*$/m.exec(readFileSync('kong/kong.conf', 'utf8')) ?? []
    const { options } = statusCommand(fakeIo())
    expect(options.find(({ long }) => long === '--socket')?.defaultValue).toBe(socket)
  })

  test('keep used tokens in a Redis that evicts none', () => {
    expect(services['redis']?.command?.join(' ')).toContain('--maxmemory-policy noeviction')
  })
})
