import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Envoy, startEnvoy } from '../../testkit/envoy.ts'
import { filterOf, shippedEnvoy } from '../../testkit/envoy-config.ts'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { freePort, type Listening, listen } from '../../testkit/listen.ts'
import { until } from '../../testkit/redis-server.ts'
import { echoInto, type Seen } from '../../testkit/seen.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const folder = mkdtempSync(join(tmpdir(), 'om-door-'))
const seen: Seen[] = []
let upstream: Listening
let service: EnvoyService
let door: string

beforeAll(async () => {
  upstream = await listen(createServer(echoInto(seen)))
  service = await EnvoyService.start({
    policies: {
      default: BASE_CONFIG,
      other: { ...BASE_CONFIG, audience: 'https://other.internal' },
      routes: {
        ...BASE_CONFIG,
        require: { routes: [{ method: 'GET', path: '/read', action: 'inventory.write' }] },
      },
      bound: { ...BASE_CONFIG, request_binding: { mode: 'strict', required: 'all' } },
    },
    flags: ['--listen-http', '127.0.0.1:0'],
  })
  const [, port] = /http 127\.0\.0\.1:(\d+)/.exec(service.errors) ?? []
  door = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  closeHttpCalls()
  await service.stop()
  await upstream.stop()
  rmSync(folder, { recursive: true })
})

const bearing = () => ['Authorization', `OathMesh ${freshToken()}`]
const original = (method: string, uri: string) => [
  'X-Original-Method',
  method,
  'X-Original-URI',
  uri,
]

describe('the door itself', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['nginx', '/nginx/default', original('GET', '/a?b')],
    ['HAProxy', '/haproxy/default', original('GET', '/a?b')],
    ['Traefik', '/traefik/default', ['X-Forwarded-Method', 'GET', 'X-Forwarded-Uri', '/a?b']],
    ['Envoy', '/envoy/default/a?b', []],
  ])('decides for %s', async (_, path, headers) => {
    const credential = bearing()
    const answer = await httpCall(door, { path, headers: [...headers, ...credential] })
    expect(answer).toMatchObject({
      status: 200,
      text: '',
      headers: {
        'x-oathmesh-decision': 'allow',
        'x-oathmesh-subject': 'agent://ci/deploy-bot',
        'x-envoy-auth-headers-to-remove': expect.stringMatching(/authorization/i),
      },
    })
    const again = await httpCall(door, { path, headers: [...headers, ...credential] })
    expect([again.status, JSON.parse(again.text).error]).toEqual([401, 'replay_detected'])
  })

  test.each<readonly [string, string, readonly string[]]>([
    ['no proxy', '/', []],
    ['a proxy nobody knows', '/caddy/default', original('GET', '/')],
    ['no method', '/nginx/default', ['X-Original-URI', '/']],
    ['no path', '/nginx/default', ['X-Original-Method', 'GET']],
    ['two paths', '/nginx/default', [...original('GET', '/'), 'X-Original-URI', '/b']],
    ['a path that is none', '/nginx/default', original('GET', 'b')],
    ['another proxy’s headers', '/traefik/default', original('GET', '/')],
    ['no path of Envoy’s', '/envoy/default', []],
    ['a policy nobody has', '/nginx/nobody', original('GET', '/')],
    ['a policy with a name of objects', '/nginx/constructor', original('GET', '/')],
    ['a proxy with a name of objects', '/constructor/default', original('GET', '/')],
  ])('refuses what says %s', async (_, path, headers) => {
    const { status } = await httpCall(door, { path, headers: [...headers, ...bearing()] })
    expect([403, 503]).toContain(status)
  })

  test('refuses bound tokens: it never sees a body', async () => {
    for (const extra of [[], ['x-envoy-auth-partial-body', 'false']]) {
      const headers = [...original('GET', '/'), ...extra, ...bearing()]
      const answer = await httpCall(door, { path: '/nginx/bound', headers })
      expect(JSON.parse(answer.text)).toMatchObject({ error: 'binding_required' })
    }
  })

  test('asks of a route what it requires', async () => {
    const call = async (uri: string) =>
      (
        await httpCall(door, {
          path: '/nginx/routes',
          headers: [...original('GET', uri), ...bearing()],
        })
      ).status
    expect([await call('/read'), await call('/write')]).toEqual([200, 403])
  })

  test('says whether it is in health', async () => {
    expect((await httpCall(door, { path: '/healthz' })).status).toBe(200)
  })
})

/** What holds behind any proxy. */
function holds(url: () => string) {
  test('a token passes once', async () => {
    const headers = bearing()
    const before = seen.length
    expect((await httpCall(url(), { path: '/a?b=1', headers })).status).toBe(200)
    expect(seen.at(-1)).toMatchObject({
      url: '/a?b=1',
      headers: { 'x-oathmesh-subject': 'agent://ci/deploy-bot', 'x-oathmesh-decision': 'allow' },
    })
    expect(seen.at(-1)?.headers).not.toHaveProperty('authorization')
    expect((await httpCall(url(), { path: '/a?b=1', headers })).status).toBe(401)
    expect(seen.length).toBe(before + 1)
  })

  test.each([
    'X-OathMesh-Subject',
    'x-oathmesh-tenant',
    'X-OathMesh-Decision',
    'X_OathMesh_Subject',
  ])('a spoofed %s is not what the upstream sees', async (name) => {
    const before = seen.length
    await httpCall(url(), { headers: [name, 'spoofed'] })
    expect(seen.length).toBe(before)
    await httpCall(url(), { headers: [name, 'spoofed', ...bearing()] })
    expect(JSON.stringify(seen.slice(before))).not.toContain('spoofed')
  })

  test('what a client says of the original request does not count', async () => {
    const spoofed = [
      ...original('GET', '/read'),
      'X-Forwarded-Method',
      'GET',
      'X-Forwarded-Uri',
      '/read',
    ]
    const headers = [...spoofed, ...bearing()]
    const { status } = await httpCall(url(), {
      method: 'POST',
      path: '/a',
      headers,
      body: Buffer.from('x'),
    })
    expect(status).toBe(200)
    const line = service.output.trim().split('\n').at(-1) ?? ''
    expect(JSON.parse(line)).toMatchObject({ event: 'allow' })
  })

  test('a body reaches the upstream as it is', async () => {
    const body = Buffer.alloc(50_000, 'abc')
    await httpCall(url(), { method: 'POST', headers: bearing(), body })
    expect(seen.at(-1)?.body).toBe(body.toString())
  })

  test('nothing passes while the service is frozen, and no token is spent', async () => {
    const before = seen.length
    const headers = bearing()
    service.signal('SIGSTOP')
    const { status } = await httpCall(url(), { headers })
    expect([status >= 403, seen.length]).toEqual([true, before])
    service.signal('SIGCONT')
    await until(async () => (await httpCall(url(), { headers: bearing() })).status === 200, 10_000)
    expect((await httpCall(url(), { headers })).status).toBe(200)
  })
}

async function startProxy(
  command: string,
  args: readonly string[],
  url: string,
): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await until(() => {
    if (child.exitCode !== null) throw new Error(said)
    return new Promise<boolean>((resolve) => {
      request(url, (answer) => resolve(answer.resume() !== undefined))
        .on('error', () => resolve(false))
        .end()
    })
  }, 10_000)
  return child
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

describe('behind nginx', () => {
  let url = ''
  let nginx: ChildProcess
  beforeAll(async () => {
    url = `http://127.0.0.1:${await freePort()}`
    const config = readFileSync('examples/envoy/nginx.conf', 'utf8')
      .replace('127.0.0.1:8080', new URL(url).host)
      .replace('127.0.0.1:9001', new URL(upstream.url).host)
      .replace('unix:/run/oathmesh/http.sock', new URL(door).host)
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off;\nmaster_process off;\npid nginx.pid;\n${config}`,
    )
    nginx = await startProxy(
      'nginx',
      ['-p', `${folder}/`, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
      url,
    )
  })
  afterAll(() => end(nginx))
  holds(() => url)
})

describe('behind HAProxy', () => {
  let url = ''
  let haproxy: ChildProcess
  beforeAll(async () => {
    url = `http://127.0.0.1:${await freePort()}`
    const config = readFileSync('examples/envoy/haproxy.cfg', 'utf8')
      .replace('127.0.0.1:8080', new URL(url).host)
      .replace('127.0.0.1:9001', new URL(upstream.url).host)
    const lua = readFileSync('examples/envoy/oathmesh.lua', 'utf8').replace(
      'http://127.0.0.1:9002',
      door,
    )
    writeFileSync(join(folder, 'haproxy.cfg'), config)
    writeFileSync(join(folder, 'oathmesh.lua'), lua)
    haproxy = await startProxy('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], url)
  })
  afterAll(() => end(haproxy))
  holds(() => url)
})

describe('behind Envoy’s http_service', () => {
  let envoy: Envoy
  beforeAll(async () => {
    const places = { upstreamUrl: upstream.url, sockets: [service.socketPath] }
    envoy = await startEnvoy(
      shippedEnvoy(places, ({ static_resources: { clusters } }, manager) => {
        const { hostname, port } = new URL(door)
        clusters[0] = {
          name: 'oathmesh',
          load_assignment: {
            cluster_name: 'oathmesh',
            endpoints: [
              {
                lb_endpoints: [
                  {
                    endpoint: {
                      address: { socket_address: { address: hostname, port_value: Number(port) } },
                    },
                  },
                ],
              },
            ],
          },
        }
        const filter = filterOf(manager, 'envoy.filters.http.ext_authz')
        delete filter.grpc_service
        delete filter.with_request_body
        filter.http_service = {
          server_uri: { uri: door, cluster: 'oathmesh', timeout: '1.5s' },
          path_prefix: '/envoy/default',
          authorization_request: {},
          authorization_response: {
            allowed_upstream_headers: { patterns: [{ prefix: 'x-oathmesh-' }] },
            allowed_client_headers: {
              patterns: [{ exact: 'www-authenticate' }, { exact: 'content-type' }],
            },
          },
        }
        // Over HTTP there is no metadata to demand.
        manager.http_filters = manager.http_filters.filter(
          ({ name }: { name: string }) => name !== 'envoy.filters.http.rbac',
        )
        delete manager.route_config.virtual_hosts[0].typed_per_filter_config
        delete manager.route_config.virtual_hosts[0].routes[0].typed_per_filter_config
      }),
    )
  })
  afterAll(() => envoy.stop())
  holds(() => envoy.url())
})
