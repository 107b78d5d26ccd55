import type { NativePlugin } from '../../kong/local-gateway/index.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { KEYS } from '../../testkit/keys.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

const KNOWN = 'agent://ci/deploy-bot'
const CONSUMERS = [
  { username: KNOWN, custom_id: 'bot-7' },
  { username: 'nobody' },
  { username: 'partner', custom_id: 'p-1' },
]
const HEADERS = [
  'X-Consumer-ID',
  'X-Consumer-Username',
  'X-Consumer-Custom-ID',
  'X-Credential-Identifier',
  'X-Anonymous-Consumer',
]
/** Every spelling that an upstream may take for the header. */
const SPOOFED = HEADERS.flatMap((name) => [
  ...[name, 'admin'],
  ...[name.toUpperCase().replaceAll('-', '_'), 'admin'],
  ...[name.replace('-', '_'), 'admin'],
])

/** Authenticates before oathmesh and, unlike Kong's own plugins, leaves the headers to the client. */
const earlier: NativePlugin = () => ({
  name: 'earlier',
  priority: 1600,
  access(exchange) {
    if (!exchange.headers.has('x-partner')) return
    exchange.consumer = CONSUMER_OF_PARTNER
    exchange.credential = { id: 'cred-1' }
  },
})
const CONSUMER_OF_PARTNER = { id: 'c-partner', username: 'partner', custom_id: 'p-1' }

const BY_SUBJECT = { ...BASE_CONFIG, consumer: { by: 'subject' } }
const OPTIONAL = { ...BASE_CONFIG, consumer: { by: 'subject', optional: true } }

describe.each(WIRES)('on %s', (wire) => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: onWire(wire),
      entities: serviceWith(
        {
          '/required': BY_SUBJECT,
          '/optional': OPTIONAL,
          '/claim': { ...BASE_CONFIG, consumer: { by: 'claim', claim: 'tenant', optional: true } },
          '/observe': { ...OPTIONAL, enforcement: 'observe' },
          '/preflight': { ...OPTIONAL, run_on_preflight: false },
          '/anonymous': { ...BY_SUBJECT, anonymous: 'nobody' },
        },
        { consumers: CONSUMERS, plugins: [{ name: 'earlier', config: {} }] },
      ),
      nativePlugins: { earlier },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  const bearing = (claims: object = {}, key = KEYS.trusted) => [
    'Authorization',
    `OathMesh ${freshToken(claims, key)}`,
  ]
  const stranger = () => bearing({}, KEYS.stranger)

  interface Row {
    readonly name: string
    readonly path: string
    readonly method?: string
    readonly headers: () => readonly string[]
    /** What the upstream gets under these names; nothing else. */
    readonly consumer: Readonly<Record<string, string | undefined>>
  }

  const NOBODY = { 'x-consumer-username': 'nobody', 'x-anonymous-consumer': 'true' }
  const BOT = {
    'x-consumer-username': KNOWN,
    'x-consumer-custom-id': 'bot-7',
    'x-credential-identifier': KNOWN,
  }

  // biome-ignore format: reads as a table
  const ROWS: readonly Row[] = [
  { name: 'an allowed caller without a consumer', path: '/optional', headers: () => bearing({ sub: 'svc://unknown' }), consumer: {} },
  { name: 'an allowed caller without the claim that names one', path: '/claim', headers: () => bearing(), consumer: {} },
  { name: 'an allowed caller with a consumer', path: '/required', headers: () => bearing(), consumer: BOT },
  { name: 'a refused call that observing lets pass', path: '/observe', headers: stranger, consumer: {} },
  { name: 'a call without a token that observing lets pass', path: '/observe', headers: () => [], consumer: {} },
  { name: 'an allowed call while observing', path: '/observe', headers: () => bearing(), consumer: BOT },
  { name: 'a preflight that is passed on', path: '/preflight', method: 'OPTIONS', headers: () => [], consumer: {} },
  { name: 'an anonymous call', path: '/anonymous', headers: () => [], consumer: NOBODY },
  { name: 'an anonymous call with a wrong token', path: '/anonymous', headers: stranger, consumer: NOBODY },
  { name: 'a call that another plugin has authenticated', path: '/anonymous', headers: () => ['X-Partner', 'yes'],
    consumer: { 'x-consumer-id': 'c-partner', 'x-consumer-username': 'partner', 'x-consumer-custom-id': 'p-1' } },
]

  describe('somebody else’s consumer', () => {
    test.each(ROWS)('is not for $name', async ({ path, method, headers, consumer }) => {
      const before = stack.seen.length
      const answer = await httpCall(stack.url, {
        path,
        ...(method !== undefined && { method }),
        headers: [...headers(), ...SPOOFED],
      })
      expect(answer.status).toBe(200)
      expect(stack.seen).toHaveLength(before + 1)
      const received = Object.entries(stack.seen.at(-1)?.headers ?? {}).filter(([name]) =>
        HEADERS.some((ours) => ours.toLowerCase() === name.replaceAll('_', '-')),
      )
      const shown = Object.fromEntries(received)
      // Kong gives consumers ids of its own.
      if (!('x-consumer-id' in consumer)) delete shown['x-consumer-id']
      expect(shown).toEqual(consumer)
      expect(JSON.stringify(received)).not.toContain('admin')
    })

    test('is left to others where consumers are not asked for', async () => {
      const off = await startOnLoopback({
        plugin: onWire(wire),
        entities: serviceWith({ '/items': BASE_CONFIG }),
      })
      await httpCall(off.url, {
        path: '/items',
        headers: [...bearing(), 'X-Consumer-ID', 'theirs'],
      })
      await off.stop()
      expect(off.seen.at(-1)?.headers).toMatchObject({ 'x-consumer-id': 'theirs' })
    })
  })
})
