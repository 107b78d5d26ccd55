/** A configuration that must never decide a request. */
export interface WrongConfig {
  readonly name: string
  readonly config: object
  /** By Kong when it is sent, or by the plugin when Kong starts an instance. */
  readonly refused: 'upload' | 'construction'
  /** How the plugin says it. */
  readonly says: string
}

export const SMALLEST = {
  audience: 'https://api.example.test',
  issuers: [{ issuer: 'https://issuer.example.test' }],
  policy: { rules: [{ name: 'bots', allow: true, match: { sub: 'agent://*' } }] },
}

const rule = (more: object) => ({ policy: { rules: [{ name: 'r', allow: true, ...more }] } })
const route = (more: object) => ({
  require: { routes: [{ method: 'GET', path: '/a', action: 'a', ...more }] },
})
const issuer = (more: object) => ({ issuers: [{ issuer: 'https://a.test', ...more }] })
const cluster = { cluster_nodes: [{ ip: 'a' }] }
const match = { sub: 'agent://*' }

type Row = readonly [name: string, change: object, says: string]

const FIELDS: readonly Row[] = [
  ['an unknown member', { audiance: 'x' }, 'audiance: unknown member; did you mean "audience"?'],
  ['an unknown field of a record', { keys: { tll: 5 } }, 'keys.tll: unknown member'],
  ['an unknown field of a list entry', issuer({ jwk_uri: 'x' }), 'issuers[0].jwk_uri: unknown'],
  ['a misspelt match', rule({ match: { subject: 'x' } }), 'rules[0].match.subject: unknown member'],
  ['no audience', { audience: null }, 'audience: required member missing'],
  ['an empty audience', { audience: '' }, 'audience: must NOT have fewer than 1 characters'],
  ['no issuer', { issuers: [] }, 'issuers: must NOT have fewer than 1 items'],
  ['a wrong type', { deadline_ms: '1000' }, 'deadline_ms: must be integer'],
  ['a fraction', { clock_skew_leeway: 1.5 }, 'clock_skew_leeway: must be integer'],
  ['a value out of bounds', { clock_skew_leeway: 61 }, 'clock_skew_leeway: must be <= 60'],
  ['a lifetime over five minutes', { max_token_lifetime: 301 }, 'max_token_lifetime: must be <='],
  ['a word that is none of ours', { audit: { sink: 'syslog' } }, 'audit.sink: must be one of'],
]

const BETWEEN: readonly Row[] = [
  ['no policy', { policy: {} }, 'policy: one of rules, file, allow_all is required'],
  ['policy left out', { policy: null }, 'policy: required member missing'],
  ['allow_all that is not', { policy: { allow_all: false } }, 'policy: one of rules, file'],
  ['rules and allow_all', { policy: { ...SMALLEST.policy, allow_all: true } }, 'give only one of'],
  ['a file and allow_all', { policy: { file: '/a.json', allow_all: true } }, 'give only one of'],
  ['a file and rules', { policy: { ...SMALLEST.policy, file: '/a.json' } }, 'give only one of'],
  ['keys from two places', issuer({ jwks: '{}', jwks_uri: 'https://a.test' }), 'either jwks or'],
  ['plain http for keys', issuer({ jwks_uri: 'http://a.test/' }), 'must be https (http needs'],
  ['binding required without a mode', { request_binding: { required: 'all' } }, 'must not be off'],
  ['binding of some without a mode', { request_binding: { required: 'unsafe' } }, 'not be off'],
  ['a file sink without a file', { audit: { sink: 'file' } }, 'audit.file: required'],
  ['a file without a file sink', { audit: { file: '/tmp/x' } }, 'audit.file: has no effect'],
  ['a file for no sink', { audit: { sink: 'none', file: '/tmp/x' } }, 'audit.file: has no effect'],
  ['a seal without a file', { audit: { hmac_key: 'k'.repeat(40) } }, 'hmac_key: needs sink file'],
  ['a seal from a file without a file', { audit: { hmac_key_file: '/k' } }, 'needs sink file'],
  [
    'a key in two places',
    { audit: { sink: 'file', file: '/x', hmac_key: 'k'.repeat(32), hmac_key_file: '/y' } },
    'audit.hmac_key_file: give either hmac_key or hmac_key_file',
  ],
  [
    'a password in two places',
    { redis: { password: 'planted', password_file: '/x' } },
    'redis.password_file: give either password or password_file',
  ],
  [
    'a password of Sentinels in two places',
    { redis: { sentinel_password: 'planted', sentinel_password_file: '/x' } },
    'redis.sentinel_password_file: give either',
  ],
  ['Sentinels without a master', { redis: { sentinel_nodes: [{ host: 'a' }] } }, 'sentinel_master'],
  ['a master without Sentinels', { redis: { sentinel_master: 'a' } }, 'redis.sentinel_nodes'],
  [
    'a Cluster and Sentinels',
    { redis: { ...cluster, sentinel_nodes: [{ host: 'a' }], sentinel_master: 'm' } },
    'redis.cluster_nodes: not together with sentinel_nodes',
  ],
  [
    'a Cluster with another database',
    { redis: { ...cluster, database: 1 } },
    'database: must be 0',
  ],
  ['bare ids in a Cluster', { redis: cluster, replay: { key_format: 'jti' } }, 'must be hashed'],
  ['a claim that is not named', { consumer: { by: 'claim' } }, 'consumer.claim: required'],
  ['anonymous without consumers', { anonymous: 'nobody' }, 'consumer.by: must not be off'],
  [
    'anonymous while observing',
    { anonymous: 'nobody', enforcement: 'observe', consumer: { by: 'subject' } },
    'anonymous has no effect',
  ],
  ['a rule that allows everything', rule({}), 'a rule that allows must say what it matches'],
  [
    'a rule with an empty match',
    rule({ match: {} }),
    'a rule that allows must say what it matches',
  ],
  ['a rule with an empty source', rule({ match: { src: {} } }), 'must say what it matches'],
]

const TEXTS: readonly Row[] = [
  ['a realm that would end its quotes', { realm: 'a", evil="b' }, 'realm: must be printable'],
  ['a realm with a line feed', { realm: 'a\nb' }, 'realm: must be printable'],
  ['a realm beyond ASCII', { realm: 'Köng' }, 'realm: must be printable'],
  ['a policy in YAML', { policy: { file: '/policy.yaml' } }, 'must end in .json or .pkl'],
  ['a policy at a relative path', { policy: { file: 'policy.json' } }, 'must be an absolute path'],
  ['keys from no URL', issuer({ jwks_uri: 'keys.json' }), 'jwks_uri: must be an http(s) URL'],
  ['keys with user info', issuer({ jwks_uri: 'https://u@a.test/' }), 'without user info'],
  ['a host that is a URL', { redis: { host: 'redis://a' } }, 'redis.host: must be a host'],
  ['a host with a port', { redis: { host: 'a:6379' } }, 'redis.host: must be without a port'],
  ['a host with spaces', { redis: { host: 'a b' } }, 'redis.host: must be without spaces'],
  [
    'a name in brackets',
    { redis: { server_name: '[::1]' } },
    'server_name: must be without brackets',
  ],
  ['a node with a path', { redis: { cluster_nodes: [{ ip: 'a/b' }] } }, 'nodes[0].ip: must be'],
  ['a method in small letters', route({ method: 'get' }), 'method: must be a method in capitals'],
  ['a path that is encoded', route({ path: '/a%20b' }), 'path: must be a decoded path'],
  ['a path without a slash', route({ path: 'a' }), 'path: must be a decoded path'],
]

/** What no rule of Kong's language can say: what spans the members of a list, or needs a parser. */
const BEYOND: readonly Row[] = [
  [
    'an issuer twice',
    { issuers: [...SMALLEST.issuers, ...SMALLEST.issuers] },
    'issuers[1].issuer: given twice',
  ],
  [
    'an issuer that is no URL',
    { issuers: [{ issuer: 'third' }] },
    'issuer: must be an http(s) URL',
  ],
  ['an issuer by plain http', { issuers: [{ issuer: 'http://a.test' }] }, 'issuer: must be https'],
  ['keys that are no JSON', issuer({ jwks: 'not json' }), 'jwks: is not JSON'],
  ['keys that are none', issuer({ jwks: '{"keys": []}' }), 'jwks: has no key'],
  [
    'a private key',
    issuer({
      jwks: '{"keys": [{"kid": "a", "kty": "OKP", "crv": "Ed25519", "x": "a", "d": "a"}]}',
    }),
    'jwks: keys[0]',
  ],
  ['a host that is half a number', { redis: { host: '127.1' } }, 'redis.host: must be a host name'],
  [
    'two rules of one name',
    {
      policy: {
        rules: [
          { name: 'r', allow: true, match },
          { name: 'r', allow: false },
        ],
      },
    },
    'policy.rules[1].name',
  ],
  [
    'a default that is not last',
    {
      policy: {
        rules: [
          { name: 'default', allow: false },
          { name: 'r', allow: true, match },
        ],
      },
    },
    'the rule "default" must be the last one',
  ],
  ['a path with half a parameter', route({ path: '/a{b' }), 'routes[0].path'],
  [
    'a route twice',
    {
      require: {
        routes: [
          { method: 'GET', path: '/a/{b}', action: 'a' },
          { method: 'GET', path: '/a/{c}', action: 'b' },
        ],
      },
    },
    'lists the same requests',
  ],
]

/** Every kind of wrong configuration, each a change to the smallest right one, with where it is refused. */
export const WRONG_CONFIGS: readonly WrongConfig[] = [
  ...[...FIELDS, ...BETWEEN, ...TEXTS].map((row) => wrong(row, 'upload')),
  ...BEYOND.map((row) => wrong(row, 'construction')),
]

function wrong([name, change, says]: Row, refused: WrongConfig['refused']): WrongConfig {
  return { name, config: { ...SMALLEST, ...change }, says, refused }
}
