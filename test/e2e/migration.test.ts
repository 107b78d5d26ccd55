import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { listen } from '../../demo/listen.ts'
import { nativeFunctions } from '../../kong/guard/native.ts'
import { renderPlugins } from '../../kong/guard/render.ts'
import { type LocalGateway, startLocalGateway } from '../../kong/local-gateway/index.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { acl, keyAuth } from '../../testkit/key-auth.ts'
import { KEYS, publicJwk } from '../../testkit/keys.ts'
import { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER } from '../../testkit/stack.ts'

const page = readFileSync('docs/migrate-from-key-auth.md', 'utf8')
const JWKS = JSON.stringify({ keys: [publicJwk(KEYS.trusted)] })

/** The configuration of a stage as the page has it, with the guard, and an upstream and keys that are here. */
function stage(name: string, upstream: string): string {
  const [, block = ''] = new RegExp(`\`\`\`yaml stage=${name}\n([^]*?)\`\`\``).exec(page) ?? []
  const config = parse(block) as {
    services: {
      url: string
      plugins: { name: string; config?: { issuers: { jwks?: string }[] } }[]
    }[]
  }
  for (const service of config.services) {
    service.url = upstream
    for (const plugin of service.plugins) {
      for (const issuer of plugin.config?.issuers ?? []) issuer.jwks = JWKS
    }
  }
  return stringify({ ...config, ...(parse(renderPlugins({ kind: 'global' })) as object) })
}

const token = () => ['Authorization', `OathMesh ${freshToken({ sub: 'agent://ci/runner' })}`]
const stranger = () => ['Authorization', `OathMesh ${freshToken({}, KEYS.stranger)}`]
const key = (value = 'old-key') => ['apikey', value]

// biome-ignore format: reads as a table
const STAGES = {
  observe: [
    ['a key', key, 200, { 'x-oathmesh-decision': 'observe', 'x-consumer-username': 'ci-runner' }],
    ['a key and a token', () => [...key(), ...token()], 200, { 'x-oathmesh-decision': 'allow', 'x-oathmesh-subject': 'agent://ci/runner', 'x-consumer-username': 'ci-runner' }],
    ['a token alone', token, 401, undefined],
    ['a wrong key', () => key('wrong'), 401, undefined],
  ],
  both: [
    ['a key', key, 200, { 'x-oathmesh-decision': 'anonymous', 'x-consumer-username': 'ci-runner', 'x-anonymous-consumer': undefined }],
    ['a token', token, 200, { 'x-oathmesh-decision': 'allow', 'x-consumer-username': 'agent://ci/runner', 'x-credential-identifier': 'agent://ci/runner' }],
    ['nothing', () => [], 403, undefined],
    ['a wrong key', () => key('wrong'), 403, undefined],
    ['a wrong token', stranger, 403, undefined],
    ['a wrong token and a key', () => [...stranger(), ...key()], 200, { 'x-oathmesh-decision': 'anonymous', authorization: undefined }],
  ],
  enforce: [
    ['a token', token, 200, { 'x-oathmesh-decision': 'allow', 'x-consumer-username': 'agent://ci/runner' }],
    ['a key', key, 401, undefined],
  ],
  remove: [
    ['a token', token, 200, { 'x-oathmesh-subject': 'agent://ci/runner', 'x-consumer-username': undefined }],
    ['a key', key, 401, undefined],
  ],
} as const satisfies Record<string, readonly (readonly [string, () => string[], number, object | undefined])[]>

describe.each(Object.entries(STAGES))('stage %s of the migration', (name, rows) => {
  const seen: IncomingHttpHeaders[] = []
  const log: string[] = []
  let gateway: LocalGateway
  let upstream: Awaited<ReturnType<typeof listen>>
  let prefix: string

  beforeAll(async () => {
    prefix = mkdtempSync(join(tmpdir(), 'oathmesh-migration-'))
    upstream = await listen(
      createServer((request, response) => {
        seen.push(request.headers)
        response.end()
      }),
    )
    gateway = await startLocalGateway({
      config: stage(name, upstream.url),
      nativeFunctions,
      nativePlugins: { 'key-auth': keyAuth, acl },
      pluginServer: {
        startCommand: [HARDENED_PLUGIN_SERVER, '-d', PLUGIN_FOLDER, '-p', prefix],
        queryCommand: [HARDENED_PLUGIN_SERVER, '-d', PLUGIN_FOLDER, '--dump-all-plugins'],
        socketPath: join(prefix, 'js_pluginserver.sock'),
      },
      log: (_, line) => log.push(line),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
    await upstream.stop()
    rmSync(prefix, { recursive: true, force: true })
  })

  test.each([...rows])('%s', async (_, headers, status, expected) => {
    const before = seen.length
    const spoofed = ['X-OathMesh-Tenant', 'evil']
    const answer = await httpCall(gateway.url, {
      path: '/inventory',
      headers: [...headers(), ...spoofed],
    })
    expect(answer.status).toBe(status)
    expect(seen.length - before).toBe(status === 200 ? 1 : 0)
    if (expected === undefined) return
    const received: Record<string, unknown> = { ...seen.at(-1) }
    for (const [header, value] of Object.entries(expected))
      expect([header, received[header]]).toEqual([header, value])
    expect(received).not.toHaveProperty('x-oathmesh-tenant')
  })

  if (name === 'observe') {
    test('says in the audit who would have been refused', () => {
      expect(log.some((line) => line.includes('"enforced":false'))).toBe(true)
    })
  }
})
