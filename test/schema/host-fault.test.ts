import { hostFault } from '../../schema/host-fault.ts'
import { parseConfig } from '../../schema/parse-config.ts'
import { readIssuerConfig } from '../../schema/read-issuer-config.ts'
import { urlFault } from '../../schema/url-fault.ts'

const SOUND = [
  '127.0.0.1',
  '0.0.0.0',
  '::1',
  '::',
  '::ffff:10.0.0.1',
  'fe80::1%eth0',
  'localhost',
  'redis.internal',
  'REDIS.Internal',
  'project_redis_1',
  'xn--mnchen-3ya.example',
  'a-b.c1.example',
  `${'a'.repeat(63)}.example`,
]

const FAULTY: readonly (readonly [string, RegExp])[] = [
  [' 127.0.0.1', /without spaces/],
  ['127.0.0.1 ', /without spaces/],
  ['redis\tinternal', /without spaces/],
  ['redis.internal\n', /without spaces/],
  ['redis.internal\u00a0', /without spaces/],
  ['[::1]', /without brackets: write an IPv6 address as ::1/],
  ['[::1]:6379', /without brackets and port.*`port`/],
  ['::1]', /without brackets/],
  ['redis://redis.internal:6379', /not a URL.*`port`/],
  ['https://redis.internal', /not a URL/],
  ['//redis.internal', /without a path/],
  ['user@redis.internal', /without user info/],
  ['user:planted@redis.internal:6379', /without user info/],
  ['redis.internal:6379', /without a port.*`port`/],
  ['redis.internal:', /without a port/],
  ['127.0.0.1:6379', /without a port/],
  ['redis:internal', /no IPv6 address/],
  ['::1::', /no IPv6 address/],
  ['fe80::1%', /no IPv6 address/],
  ['redis.internal.', /without the dot at its end/],
  ['127.0.0.1.', /without the dot at its end/],
  ['.', /without the dot at its end/],
  ['redis.internal/0', /without a path/],
  ['/run/redis.sock', /without a path/],
  ['redis\\internal', /without a path/],
  ['redis.internal?db=1', /without a path/],
  ['127.1', /four decimal numbers/],
  ['010.0.0.1', /four decimal numbers/],
  ['0x7f.0.0.1', /four decimal numbers/],
  ['0x7f000001', /four decimal numbers/],
  ['2130706433', /four decimal numbers/],
  ['256.0.0.1', /four decimal numbers/],
  ['1.2.3.4.5', /four decimal numbers/],
  ['münchen.example', /xn-- form/],
  ['redis。internal', /xn-- form/],
  ['*.internal', /without wildcard/],
  ['.internal', /host name, such as redis.internal/],
  ['a..b', /host name, such as redis.internal/],
  ['-a.example', /host name, such as redis.internal/],
  ['a-.example', /host name, such as redis.internal/],
  ['redis,internal', /host name, such as redis.internal/],
  ['redis\0internal', /xn-- form|host name/],
  ['', /host name, such as redis.internal/],
  [`${'a'.repeat(64)}.example`, /host name, such as redis.internal/],
  [`${'a.'.repeat(127)}b`, /host name, such as redis.internal/],
]

describe('a host', () => {
  test.each(SOUND)('may be %j', (host) => {
    expect(hostFault(host)).toBeUndefined()
  })

  test.each(FAULTY)('is not %j', (host, instead) => {
    expect(hostFault(host)).toMatch(instead)
  })
})

const SMALLEST = {
  audience: 'https://api.example.test',
  issuers: [{ issuer: 'https://issuer.example.test' }],
  policy: { allow_all: true },
}
const ISSUER = {
  issuer: 'https://issuer.example.test',
  keys: { directory: 'keys' },
  clients: [{ name: 'ci', secret_hashes: ['x'] }],
  rules: [
    {
      name: 'all',
      callers: ['client:ci'],
      allow: true,
      match: { sub: 'svc://a', aud: 'b', act: 'c' },
      max_ttl: 60,
    },
  ],
}
const PROVIDER = {
  name: 'github',
  issuer: 'https://provider.example.test',
  audience: 'https://issuer.example.test',
  require: { repository: ['a/b'] },
  subject: 'job://{repository}',
}

function gatewayFaults(more: object): string {
  try {
    parseConfig({ ...SMALLEST, ...more })
    return ''
  } catch (cause) {
    return cause instanceof TypeError ? cause.message : String(cause)
  }
}

function issuerFaults(more: object): string {
  const reading = readIssuerConfig({ ...ISSUER, ...more })
  return 'faults' in reading ? reading.faults.join('; ') : ''
}

const sentinels = (...hosts: string[]) => ({
  sentinel_master: 'm',
  sentinel_nodes: hosts.map((host) => ({ host })),
})
const members = (...hosts: string[]) => ({ cluster_nodes: hosts.map((ip) => ({ ip })) })

/** Every field that takes a host, by the path that a fault begins with. */
const FIELDS: readonly (readonly [string, (host: string) => string])[] = [
  ['redis.host', (host) => gatewayFaults({ redis: { host } })],
  ['redis.server_name', (host) => gatewayFaults({ redis: { server_name: host } })],
  ['redis.sentinel_nodes[1].host', (host) => gatewayFaults({ redis: sentinels('a', host) })],
  ['redis.cluster_nodes[1].ip', (host) => gatewayFaults({ redis: members('a', host) })],
  ['listen.host', (host) => issuerFaults({ listen: { host, plain_http: true } })],
  ['revocation.redis.host', (host) => issuerFaults({ revocation: { redis: { host } } })],
  [
    'revocation.redis.sentinel_nodes[0].host',
    (host) => issuerFaults({ revocation: { redis: sentinels(host) } }),
  ],
  [
    'revocation.redis.cluster_nodes[0].ip',
    (host) => issuerFaults({ revocation: { redis: members(host) } }),
  ],
]

describe.each(FIELDS)('%s', (field, faultsOf) => {
  test('takes every sound host', () => {
    for (const host of SOUND) expect([host, faultsOf(host)]).toEqual([host, ''])
  })

  test('is refused by name, and shows nothing of it', () => {
    for (const [host, instead] of FAULTY) {
      if (host === '' || host.length > 253) continue
      const faults = faultsOf(host)
      expect(faults).toContain(`${field}: `)
      expect(faults).toMatch(instead)
      expect(faults).not.toContain('planted')
    }
  })
})

describe('the rest of a Redis', () => {
  test('is checked at an issuer as at a gateway', () => {
    const redis = { ...members('a'), database: 1 }
    expect(gatewayFaults({ redis })).toContain('redis.database: must be 0 with cluster_nodes')
    expect(issuerFaults({ revocation: { redis } })).toBe(
      'revocation.redis.database: must be 0 with cluster_nodes',
    )
  })
})

const FAULTY_URLS: readonly (readonly [string, RegExp])[] = [
  ['provider.example', /an https URL .*write https:\/\/host\/path/],
  ['//provider.example', /write https:\/\/host\/path/],
  ['ftp://provider.example', /an https URL/],
  ['http://provider.example', /an https URL \(http needs allow_http\)/],
  ['HTTP://provider.example', /an https URL \(http needs allow_http\)/],
  [' https://provider.example', /write https:\/\/host\/path|without spaces/],
  ['https://provider.example ', /without spaces/],
  ['https://user:planted@provider.example', /without user info/],
  ['https://@provider.example', /without user info/],
  ['https://provider.example#x', /without fragment and backslash/],
  ['https:\\\\provider.example', /write https:\/\/host\/path/],
  ['https://provider.example\\x', /without fragment and backslash/],
  ['https://provider.example:port', /without fragment and backslash/],
  ['https://[::1', /without fragment and backslash/],
  ['https://provider.example.', /the host in it must be without the dot/],
  ['https://provider.example.:8443/jwks', /the host in it must be without the dot/],
  ['https://127.1/jwks', /the host in it .*four decimal numbers/],
  ['https://münchen.example', /printable ASCII/],
  ['https://*.example', /without wildcard/],
  ['https:///jwks', /the host in it must be a host name/],
]
const SOUND_URLS = [
  'https://provider.example',
  'HTTPS://Provider.Example/jwks?p=1',
  'https://[::1]:8443/jwks',
  'https://127.0.0.1/jwks',
  'https://my_provider/x/',
]

describe('the URL of a provider', () => {
  test.each(FAULTY_URLS)('is not %j', (url, instead) => {
    expect(urlFault(url, false)).toMatch(instead)
    for (const field of ['issuer', 'jwks_uri'] as const) {
      const faults = issuerFaults({ oidc: [{ ...PROVIDER, [field]: url }] })
      expect(faults).toContain(`oidc[0].${field}: `)
      expect(faults).toMatch(instead)
      expect(faults).not.toContain('planted')
    }
  })

  test.each(SOUND_URLS)('may be %j', (url) => {
    expect(issuerFaults({ oidc: [{ ...PROVIDER, jwks_uri: url }] })).toBe('')
    expect(urlFault(url.replace(/^https/i, 'http'), true)).toBeUndefined()
  })
})

test.each(['https://a.example.', 'https://127.1', 'https://a..b/x'])(
  'no URL has the host of %j',
  (url) => {
    expect(gatewayFaults({ issuers: [{ issuer: url }] })).toContain(
      'issuers[0].issuer: the host in it',
    )
    const issuers = [{ issuer: 'https://a.example', jwks_uri: url }]
    expect(gatewayFaults({ issuers })).toContain('issuers[0].jwks_uri: the host in it')
    expect(gatewayFaults({ issuers: [{ issuer: url, jwks: '{}' }] })).toBe('')
    expect(issuerFaults({ issuer: url })).toContain('issuer: the host in it')
  },
)
