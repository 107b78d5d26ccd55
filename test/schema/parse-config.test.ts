import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseConfig } from '../../schema/parse-config.ts'

const SMALLEST = {
  audience: 'https://api.example.test',
  issuers: [{ issuer: 'https://issuer.example.test' }],
  policy: { rules: [{ name: 'bots', allow: true, match: { sub: 'agent://*' } }] },
}

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
    [
      'an unknown member',
      { ...SMALLEST, audiance: 'x' },
      'audiance: unknown member; did you mean "audience"?',
    ],
    ['an unknown field of a record', { ...SMALLEST, keys: { tll: 5 } }, 'keys.tll: unknown member'],
    [
      'an unknown field of a list entry',
      { ...SMALLEST, issuers: [{ issuer: 'https://a.test', jwk_uri: 'x' }] },
      'issuers[0].jwk_uri: unknown member',
    ],
    [
      'a misspelt match field',
      { ...SMALLEST, policy: { rules: [{ name: 'r', allow: true, match: { subject: 'x' } }] } },
      'policy.rules[0].match.subject: unknown member',
    ],
    ['no issuer', { ...SMALLEST, issuers: [] }, 'issuers: must NOT have fewer than 1 items'],
    ['a wrong type', { ...SMALLEST, deadline_ms: '1000' }, 'deadline_ms: must be integer'],
    ['a fraction', { ...SMALLEST, clock_skew_leeway: 1.5 }, 'clock_skew_leeway: must be integer'],
    [
      'a value out of bounds',
      { ...SMALLEST, clock_skew_leeway: 61 },
      'clock_skew_leeway: must be <= 60',
    ],
    [
      'a lifetime over five minutes',
      { ...SMALLEST, max_token_lifetime: 301 },
      'max_token_lifetime: must be <= 300',
    ],
    [
      'a word that is none of ours',
      { ...SMALLEST, audit: { sink: 'syslog' } },
      'audit.sink: must be one of kong, file, none',
    ],
    ['no policy', { ...SMALLEST, policy: {} }, 'policy: one of rules, file, allow_all is required'],
    ['policy left out', { ...SMALLEST, policy: null }, 'policy: required member missing'],
    [
      'rules and allow_all',
      { ...SMALLEST, policy: { ...SMALLEST.policy, allow_all: true } },
      'policy: give only one of rules, file, allow_all',
    ],
    [
      'an issuer twice',
      { ...SMALLEST, issuers: [...SMALLEST.issuers, ...SMALLEST.issuers] },
      'issuers[1].issuer: given twice',
    ],
    [
      'keys from two places',
      {
        ...SMALLEST,
        issuers: [{ issuer: 'https://a.test', jwks: '{}', jwks_uri: 'https://a.test' }],
      },
      'issuers[0].jwks: give either jwks or jwks_uri',
    ],
    [
      'binding required without a mode',
      { ...SMALLEST, request_binding: { required: 'all' } },
      'request_binding.mode: must not be off',
    ],
    [
      'a file sink without a file',
      { ...SMALLEST, audit: { sink: 'file' } },
      'audit.file: required',
    ],
    [
      'a file without a file sink',
      { ...SMALLEST, audit: { file: '/tmp/x' } },
      'audit.file: has no effect',
    ],
    [
      'Sentinels without a master',
      { ...SMALLEST, redis: { sentinel_nodes: [{ host: 'a' }] } },
      'redis.sentinel_master: required with sentinel_nodes',
    ],
    [
      'a master without Sentinels',
      { ...SMALLEST, redis: { sentinel_master: 'a' } },
      'redis.sentinel_nodes: required with sentinel_master',
    ],
    [
      'a Cluster with another database',
      { ...SMALLEST, redis: { cluster_nodes: [{ ip: 'a' }], database: 1 } },
      'redis.database: must be 0 with cluster_nodes',
    ],
    [
      'bare ids in a Cluster',
      { ...SMALLEST, redis: { cluster_nodes: [{ ip: 'a' }] }, replay: { key_format: 'jti' } },
      'replay.key_format: must be hashed with redis.cluster_nodes',
    ],
    [
      'a realm that would end its quotes',
      { ...SMALLEST, realm: 'a", evil="b' },
      'realm: must be printable',
    ],
    ['a realm with a line feed', { ...SMALLEST, realm: 'a\nb' }, 'realm: must be printable'],
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
