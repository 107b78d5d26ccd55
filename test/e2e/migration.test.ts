import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { renderPlugins } from '../../kong/guard/render.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { acl, keyAuth } from '../../testkit/key-auth.ts'
import { KEYS, publicJwk } from '../../testkit/keys.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

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

const ROWS = WIRES.flatMap((wire) =>
  Object.entries(STAGES).map(([name, rows]) => ({ wire, name, rows })),
)

describe.each(ROWS)('stage $name of the migration, on $wire', ({ wire, name, rows }) => {
  let gateway: Loopback
  beforeAll(async () => {
    gateway = await startOnLoopback({
      plugin: onWire(wire),
      entities: (upstream) => stage(name, upstream),
      nativeFunctions,
      nativePlugins: { 'key-auth': keyAuth, acl },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
  })

  test.each([...rows])('%s', async (_, headers, status, expected) => {
    const before = gateway.seen.length
    const spoofed = ['X-OathMesh-Tenant', 'evil']
    const answer = await httpCall(gateway.url, {
      path: '/inventory',
      headers: [...headers(), ...spoofed],
    })
    expect(answer.status).toBe(status)
    expect(gateway.seen.length - before).toBe(status === 200 ? 1 : 0)
    if (expected === undefined) return
    const received: Record<string, unknown> = { ...gateway.seen.at(-1)?.headers }
    for (const [header, value] of Object.entries(expected))
      expect([header, received[header]]).toEqual([header, value])
    expect(received).not.toHaveProperty('x-oathmesh-tenant')
  })

  if (name === 'observe') {
    test('says in the audit who would have been refused', () => {
      expect(gateway.log.some((line) => line.includes('"enforced":false'))).toBe(true)
    })
  }
})
