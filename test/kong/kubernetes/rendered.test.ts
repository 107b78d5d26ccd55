import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { type Pod, startPod } from '../../../testkit/pod.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'

interface Probe {
  readonly exec?: { readonly command: readonly string[] }
  readonly httpGet?: { readonly path: string; readonly port: string }
}

interface Rendered {
  readonly kong: {
    readonly env: readonly { readonly name: string; readonly value?: string }[]
    readonly volumeMounts: readonly { readonly mountPath: string }[]
    readonly securityContext: Readonly<Record<string, unknown>>
  }
  readonly sidecar: {
    readonly command: readonly string[]
    readonly restartPolicy: string
    readonly securityContext: Readonly<Record<string, unknown>>
    readonly startupProbe: Probe
    readonly readinessProbe: Probe
    readonly livenessProbe: Probe
  }
}

const RENDERED = JSON.parse(
  readFileSync('test/fixtures/kubernetes/rendered.json', 'utf8'),
) as Readonly<Record<string, Rendered>>

/** As the image has it. */
function imageFolder(folder: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  cpSync('dist/kong', join(folder, 'kong'), { recursive: true })
  for (const name of ['oathmesh-pluginserver', 'oathmesh']) {
    copyFileSync(`dist/bin/${name}.cjs`, join(folder, `bin/${name}.cjs`))
    chmodSync(join(folder, `bin/${name}.cjs`), 0o755)
  }
  symlinkSync('oathmesh.cjs', join(folder, 'bin/oathmesh'))
}

/** As the kubelet lays out ConfigMaps: links to a folder with a name of its own, and nothing executable. */
function configMapFolder(folder: string): void {
  for (const [place, file] of [
    ['kong', 'dist/kong/oathmesh.cjs'],
    ['bin', 'dist/bin/oathmesh-pluginserver.cjs'],
  ] as const) {
    const name = file.split('/').at(-1) ?? ''
    mkdirSync(join(folder, place, '..2026_01_01'), { recursive: true })
    copyFileSync(file, join(folder, place, '..2026_01_01', name))
    chmodSync(join(folder, place, '..2026_01_01', name), 0o644)
    symlinkSync('..2026_01_01', join(folder, place, '..data'))
    symlinkSync(`..data/${name}`, join(folder, place, name))
  }
}

describe.each([
  ['values.yaml', imageFolder],
  ['values-configmap.yaml', configMapFolder],
])('what the chart makes of %s', (file, layOut) => {
  const rendered = RENDERED[file]
  const opt = mkdtempSync(join(tmpdir(), 'oathmesh-opt-'))
  let pod: Pod
  let gateway: Loopback

  function variable(name: string): string {
    return rendered?.kong.env.find((each) => each.name === name)?.value ?? ''
  }

  async function passes({ exec, httpGet }: Probe = {}): Promise<boolean> {
    if (exec !== undefined) return (await pod.exec(exec.command)) === 0
    const status = await pod.get(`http://127.0.0.1:9542${httpGet?.path}`).catch(() => 0)
    return status >= 200 && status < 400
  }

  beforeAll(async () => {
    chmodSync(opt, 0o755)
    layOut(opt)
    pod = await startPod(rendered?.sidecar.command ?? [], opt)
    const end = Date.now() + 50_000
    while (!(await passes(rendered?.sidecar.startupProbe))) {
      if (Date.now() > end) throw new Error(`the startup probe never passed: ${pod.log.join('')}`)
    }
    // Kong and the sidecar see the prefix under one path; the gateway here sees it from outside.
    const outside = (text: string) => text.replaceAll('/kong_prefix', pod.prefix)
    gateway = await startOnLoopback({
      plugin: () => ({
        startCommand: undefined,
        queryCommand: [
          'sh',
          '-c',
          outside(variable('KONG_PLUGINSERVER_OATHMESH_EXTERNAL_QUERY_CMD')),
        ],
      }),
      socketPath: outside(variable('KONG_PLUGINSERVER_OATHMESH_EXTERNAL_SOCKET')),
      entities: serviceWith({ '/items': BASE_CONFIG }),
    })
  })
  afterAll(async () => {
    await gateway?.stop()
    await pod?.end()
    rmSync(opt, { recursive: true, force: true })
  })

  test('is what the values say', () => {
    const { env, deployment } = parse(readFileSync(`kong/kubernetes/${file}`, 'utf8')) as {
      env?: Readonly<Record<string, string>>
      deployment: { initContainers: readonly (Rendered['sidecar'] & { resources: unknown })[] }
    }
    const [{ resources: _, ...sidecar } = { resources: {} }] = deployment.initContainers
    expect(rendered?.sidecar).toEqual(sidecar)
    for (const [name, value] of Object.entries(env ?? {})) {
      expect([name, variable(`KONG_${name.toUpperCase()}`)]).toEqual([name, value])
    }
  })

  test('has the plugin among KONG_PLUGINS and one prefix for both containers', () => {
    expect(variable('KONG_PLUGINS')).toBe('bundled,oathmesh')
    expect(variable('KONG_PREFIX')).toBe('/kong_prefix/')
    expect(rendered?.kong.volumeMounts.map(({ mountPath }) => mountPath)).toContain('/kong_prefix/')
  })

  test('gives the sidecar the constraints of Kong itself', () => {
    expect(rendered?.sidecar.securityContext).toEqual(rendered?.kong.securityContext)
    expect(rendered?.sidecar.restartPolicy).toBe('Always')
  })

  test('runs without a right and on a file system that is read only', async () => {
    const inside = (line: string) => pod.exec(['sh', '-c', line])
    expect(await inside('test "$(id -u):$(id -g)" = 1000:1000')).toBe(0)
    const status = readFileSync(`/proc/${pod.pid}/status`, 'utf8')
    expect(status).toMatch(/^Uid:(?:\s+1000){4}$/m)
    expect(status).toMatch(/^CapBnd:\s+0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
    for (const folder of ['', '/opt/oathmesh/', '/usr/', '/tmp/']) {
      expect([folder, await inside(`touch ${folder}x 2> /dev/null`)]).not.toEqual([folder, 0])
    }
    expect(await inside('touch /kong_prefix/x && rm /kong_prefix/x')).toBe(0)
  })

  test('decides calls', async () => {
    const authorization = `OathMesh ${freshToken()}`
    expect((await fetch(`${gateway.url}/items`, { headers: { authorization } })).status).toBe(200)
    expect((await fetch(`${gateway.url}/items`)).status).toBe(401)
    expect(gateway.seen).toHaveLength(1)
  })

  test('passes every probe', async () => {
    expect(await passes(rendered?.sidecar.readinessProbe)).toBe(true)
    expect(await passes(rendered?.sidecar.livenessProbe)).toBe(true)
  })

  test('drains and ends when it is told to', async () => {
    await gateway.stop()
    expect(await pod.end()).toBe(0)
    expect(await pod.end()).toBe(0)
  })
})

test('the plugin fits a ConfigMap with room to spare', () => {
  expect(statSync('dist/kong/oathmesh.cjs').size).toBeLessThan(800_000)
  expect(statSync('dist/bin/oathmesh-pluginserver.cjs').size).toBeLessThan(1_000_000)
})
