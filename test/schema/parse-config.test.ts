import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseConfig } from '../../schema/parse-config.ts'
import { SMALLEST } from './wrong-configs.ts'

function faultsOf(config: unknown): string {
  try {
    parseConfig(config)
  } catch (cause) {
    if (cause instanceof TypeError) return cause.message
    throw cause
  }
  return ''
}

describe('parseConfig', () => {
  test('needs an audience, an issuer and a rule, and fills in the rest', () => {
    expect(parseConfig(SMALLEST)).toMatchObject({
      accept_bearer: false,
      clock_skew_leeway: 30,
      max_token_lifetime: 300,
      max_token_bytes: 8192,
      deadline_ms: 1000,
      keys: { ttl: 60, stale_if_error: 600, refresh_cooldown: 30, allow_http: false },
      replay: { store: 'memory', max_entries: 200_000, known_good_window: 60 },
      redis: { host: '127.0.0.1', port: 6379, timeout: 100, ssl: false, ssl_verify: true },
      revocation: { enabled: true },
      request_binding: { mode: 'off', required: 'none', ignore_when_off: false },
      identity_headers: ['subject', 'action', 'token_id', 'issuer'],
      audit: { sink: 'kong', context: 'minimal' },
    })
  })

  test('leaves what it was given as it was', () => {
    const given = structuredClone(SMALLEST)
    parseConfig(given)
    expect(given).toEqual(SMALLEST)
  })

  test('takes null for unset, at any depth', () => {
    const config = parseConfig({
      ...SMALLEST,
      realm: null,
      keys: { ttl: null, ca_file: null },
      issuers: [{ issuer: 'https://issuer.example.test', jwks: null, jwks_uri: null }],
      audit: null,
    })
    expect(config).toMatchObject({ realm: 'kong', keys: { ttl: 60 }, audit: { sink: 'kong' } })
    expect(config.issuers).toEqual([{ issuer: 'https://issuer.example.test' }])
  })

  test('takes what a Kong 3.9.3 sent, with vault references that it had resolved', () => {
    const recorded = resolve('test/fixtures/kong-config-with-vault.json')
    const config = parseConfig(JSON.parse(readFileSync(recorded, 'utf8')))
    expect(config.redis).toMatchObject({ username: 'u1', password: 'planted-pw' })
    expect(config.audit.hmac_key).toHaveLength(40)
    expect(JSON.stringify(config)).not.toMatch(/\$refs|vault|__/)
  })

  test.each([
    ['in a record', { redis: { $refs: { password: '{vault://env/a}' } } }],
    ['at the top', { $refs: { realm: '{vault://env/a}' } }],
    ['in an element of a list', { issuers: [{ ...SMALLEST.issuers[0], $refs: { issuer: 'x' } }] }],
    ['in a record of a list', { policy: { rules: [{ ...SMALLEST.policy.rules[0], $refs: {} }] } }],
    ['in several', { audit: { $refs: {} }, keys: { $refs: {} }, replay: { $refs: {} } }],
  ])('passes over references of a vault %s', (_, more) => {
    expect(JSON.stringify(parseConfig({ ...SMALLEST, ...more }))).not.toContain('$refs')
  })

  test.each([
    ['redis', { refs: {} }, 'redis.refs: unknown member'],
    ['redis', { $ref: {} }, 'redis.$ref: unknown member'],
    ['audit', { route_id: 'x' }, 'audit.route_id: unknown member'],
    ['keys', { _x: 1 }, 'keys._x: unknown member'],
    ['require', { Action: 'x' }, 'require.Action: unknown member'],
  ])('and nothing else: %s %j', (record, members, fault) => {
    expect(faultsOf({ ...SMALLEST, [record]: members })).toContain(fault)
  })

  test('passes over what Kong adds', () => {
    const kongs = {
      __seq__: 8,
      __key__: 'plugins:oathmesh',
      __plugin_id: 'e21d7dc4-bff6-54c0-af4a-17e8f665c757',
      __ws_id: '0dc6f45b',
      route_id: '4cf8463b',
      service_id: 'x',
      consumer_id: 'x',
      consumer_group_id: 'x',
      plugin_instance_name: 'x',
    }
    expect(parseConfig({ ...SMALLEST, ...kongs })).toEqual(parseConfig(SMALLEST))
  })

  test.each([
    ['nothing', undefined, 'document: must be object'],
    ['a list', [], 'document: must be object'],
  ])('refuses %s', (_, config, message) => {
    expect(faultsOf(config)).toContain(message)
  })

  test('names every faulty field at once', () => {
    const message = faultsOf({ audiense: 'x', issuers: [], deadline_ms: 0, keys: { ttl: 'x' } })
    for (const field of ['audiense', 'audience', 'issuers', 'deadline_ms', 'keys.ttl', 'policy']) {
      expect(message).toContain(`${field}: `)
    }
  })

  test('repeats no value in its message', () => {
    const secret = 'https://user:secret@issuer.example.test'
    expect(faultsOf({ ...SMALLEST, audience: { secret }, realm: [secret] })).not.toContain('secret')
  })
})
