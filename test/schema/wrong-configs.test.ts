import { configFaults } from '../../cli/kong/validate/config-faults.ts'
import {
  entityFields,
  type FieldList,
  type KongField,
} from '../../kong/local-gateway/kong-field.ts'
import { schemaFaults } from '../../kong/local-gateway/schema-faults.ts'
import configSchema from '../../schema/config.schema.json' with { type: 'json' }
import type { JsonSchema, KongCheck } from '../../schema/json-schema.ts'
import { toKongRecord } from '../../schema/to-kong.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { SMALLEST, WRONG_CONFIGS } from './wrong-configs.ts'

const schema = configSchema as JsonSchema
const { fields, entity_checks: checks } = toKongRecord(schema) as unknown as KongField

/** What Kong has against a configuration when it is sent. */
function refusedAtUpload(config: object): readonly string[] {
  return schemaFaults(entityFields(fields as FieldList), { ...config }, '', checks)
}

describe('a wrong configuration', () => {
  test.each(WRONG_CONFIGS)('with $name is refused at $refused', ({ config, refused }) => {
    expect([refusedAtUpload(config).length > 0 ? 'upload' : 'construction', config]).toEqual([
      refused,
      config,
    ])
  })

  // What gets past Kong, by a vault reference or an older schema, must not get past the plugin.
  test.each(WRONG_CONFIGS)(
    'with $name is refused by the plugin in any case',
    ({ config, says }) => {
      expect(configFaults({ ...config }).join('; ')).toContain(says)
    },
  )

  test('is one for every rule between fields that Kong is told', () => {
    const told = checksIn(schema).length
    const said = new Set(
      WRONG_CONFIGS.flatMap(({ config }) => refusedAtUpload(config)).filter((fault) =>
        fault.includes('@entity: '),
      ),
    )
    // "rules" and "file" beside allow_all are two checks with one message.
    expect(said.size).toBeGreaterThanOrEqual(told - 1)
  })
})

describe('a right configuration', () => {
  const redis = { cluster_nodes: [{ ip: 'a', port: 1 }, { ip: '::1' }] }
  const jwks = '{"keys":[]}'
  test.each([
    ['the smallest', {}],
    ['that of the vectors', BASE_CONFIG],
    ['all that may be', { policy: { allow_all: true } }],
    ['allow_all that says no', { policy: { ...SMALLEST.policy, allow_all: false } }],
    ['a policy file', { policy: { file: '/etc/oathmesh/policy.pkl' } }],
    ['plain http where it may be', { keys: { allow_http: true }, issuers: [uri('http://a.test')] }],
    ['a URL in capitals', { issuers: [uri('HTTPS://a.test:8443/x/jwks.json')] }],
    ['a name whose keys are given', { issuers: [{ issuer: 'third', jwks, subjects: ['a'] }] }],
    ['a Cluster', { redis, replay: { store: 'redis' } }],
    ['Sentinels', { redis: { sentinel_master: 'm', sentinel_nodes: [{ host: 'a.b' }] } }],
    ['bare ids', { replay: { key_format: 'jti' }, redis: { database: 3 } }],
    ['a seal', { audit: { sink: 'file', file: '/a', hmac_key: 'k'.repeat(40) } }],
    ['a seal from a vault', { audit: { sink: 'file', file: '/a', hmac_key: '{vault://env/k}' } }],
    ['a consumer by claim', { consumer: { by: 'claim', claim: 'src.repo' }, anonymous: 'a' }],
    ['binding', { request_binding: { mode: 'strict', required: 'all' } }],
    ['a rule by its source', { policy: { rules: [from({ src: { repo: 'a/*' } })] } }],
    ['a rule that denies all', { policy: { rules: [{ name: 'n', allow: false }] } }],
    ['a realm of every character', { realm: ' !#[]^~AZaz09' }],
    ['routes', { require: { routes: [{ method: '*', path: '/a/{b}/*', action: 'x' }] } }],
  ])('is not refused at upload: %s', (_, change) => {
    expect(refusedAtUpload({ ...SMALLEST, ...change })).toEqual([])
  })
})

test('no message between fields holds a sign that Kong would format', () => {
  const messages = checksIn(schema).flatMap((check) =>
    Object.values(check).flatMap((rule) => ('then_err' in rule ? [String(rule['then_err'])] : [])),
  )
  expect(messages.length).toBeGreaterThan(8)
  expect(messages.filter((message) => message.includes('%'))).toEqual([])
})

function uri(jwks_uri: string): object {
  return { issuer: 'name', jwks_uri }
}

function from(match: object): object {
  return { name: 'r', allow: true, match }
}

function checksIn({ properties = {}, items, ...own }: JsonSchema): readonly KongCheck[] {
  const inner = [...Object.values(properties), ...(items === undefined ? [] : [items])]
  return [...(own['x-kong-checks'] ?? []), ...inner.flatMap(checksIn)]
}
