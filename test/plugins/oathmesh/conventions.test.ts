import { LAST_STEP } from '../../../lib/denial.ts'
import { type FakeKong, type FakeRequest, fakeKong } from '../../../testkit/fake-kong.ts'
import { pluginHandler } from '../../../testkit/plugin-handler.ts'
import { cook } from '../../../testkit/vectors.ts'

let ids = 0
const SUBJECT = 'agent://repo/acme/deploy-bot'
const BOT = { id: 'c-1', username: SUBJECT, custom_id: 'bot-7' }
const PLAIN = { id: 'c-2', username: 'acme' }
const NOBODY = { id: 'c-0', username: 'anonymous' }
const CONSUMERS = { [SUBJECT]: BOT, acme: PLAIN, anonymous: NOBODY }

const valid = (claims: object = {}) => [`OathMesh ${cook({ claims }, `id-${++ids}`)}`]
const wrong = () => [`OathMesh ${cook({ key: 'stranger' }, `id-${++ids}`)}`]

async function access(config: object, request: FakeRequest): Promise<FakeKong> {
  const kong = fakeKong({ consumers: CONSUMERS, ...request })
  await pluginHandler(config).access(kong)
  return kong
}

const argument = ({ calls }: FakeKong, name: string) =>
  calls.find(([method]) => method === name)?.slice(1)
const upstream = (kong: FakeKong) =>
  argument(kong, 'service.request.set_headers')?.[0] as Record<string, unknown> | undefined
const exit = (kong: FakeKong) => argument(kong, 'response.exit')
const audit = (kong: FakeKong) =>
  JSON.parse(String(argument(kong, 'log.notice')?.[0])) as Record<string, unknown>

const BY_SUBJECT = { consumer: { by: 'subject' } }
const OR = { ...BY_SUBJECT, anonymous: 'anonymous' }
const OBSERVE = { enforcement: 'observe' }

const AS_BOT = {
  'X-Consumer-ID': 'c-1',
  'X-Consumer-Custom-ID': 'bot-7',
  'X-Consumer-Username': SUBJECT,
  'X-Credential-Identifier': SUBJECT,
}
const AS_PLAIN = {
  'X-Consumer-ID': 'c-2',
  'X-Consumer-Username': 'acme',
  'X-Credential-Identifier': SUBJECT,
}
const AS_NOBODY = {
  'X-Consumer-ID': 'c-0',
  'X-Consumer-Username': 'anonymous',
  'X-Anonymous-Consumer': 'true',
  'X-OathMesh-Decision': 'anonymous',
}
const SPOOFED = { 'x-oathmesh-subject': ['evil'], x_oathmesh_tenant: ['evil'] }
const STRIPPED = { 'x-oathmesh-subject': [], x_oathmesh_tenant: [] }

interface Row {
  name: string
  config: object
  headers: Readonly<Record<string, readonly string[]>>
  request?: FakeRequest
  passes?: object
  refused?: number
}

const rows: Row[] = [
  {
    name: 'no consumer is looked up by default',
    config: {},
    headers: { authorization: valid() },
    passes: { 'X-OathMesh-Decision': 'allow' },
  },
  {
    name: 'the subject names the consumer',
    config: BY_SUBJECT,
    headers: { authorization: valid() },
    passes: AS_BOT,
  },
  {
    name: 'a claim names the consumer',
    config: { consumer: { by: 'claim', claim: 'tenant' } },
    headers: { authorization: valid({ tenant: 'acme' }) },
    passes: AS_PLAIN,
  },
  {
    name: 'a nested claim names the consumer',
    config: { consumer: { by: 'claim', claim: 'src.repo' } },
    headers: { authorization: valid({ src: { repo: 'acme' } }) },
    passes: AS_PLAIN,
  },
  {
    name: 'the claim is missing',
    config: { consumer: { by: 'claim', claim: 'tenant' } },
    headers: { authorization: valid() },
    refused: 403,
  },
  {
    name: 'the consumer is missing',
    config: BY_SUBJECT,
    headers: { authorization: valid({ sub: 'svc://unknown' }) },
    refused: 403,
  },
  {
    name: 'the consumer is missing and optional',
    config: { consumer: { by: 'subject', optional: true } },
    headers: { authorization: valid({ sub: 'svc://unknown' }) },
    passes: { 'X-OathMesh-Decision': 'allow', 'X-OathMesh-Subject': 'svc://unknown' },
  },
  {
    name: 'client-sent consumer headers give way',
    config: BY_SUBJECT,
    headers: {
      authorization: valid(),
      'x-consumer-id': ['evil'],
      x_consumer_id: ['evil'],
      'x-anonymous-consumer': ['true'],
    },
    passes: { ...AS_BOT, x_consumer_id: [], 'x-anonymous-consumer': [] },
  },
  {
    name: 'a refused call makes no consumer',
    config: BY_SUBJECT,
    headers: { authorization: wrong() },
    refused: 401,
  },
  {
    name: 'or: a valid token is the consumer',
    config: OR,
    headers: { authorization: valid() },
    passes: { ...AS_BOT, 'X-OathMesh-Decision': 'allow' },
  },
  { name: 'or: no token is anonymous', config: OR, headers: {}, passes: AS_NOBODY },
  {
    name: 'or: a wrong token is anonymous and goes no further',
    config: OR,
    headers: { authorization: wrong() },
    passes: { ...AS_NOBODY, authorization: [] },
  },
  {
    name: 'or: a caller without consumer is anonymous',
    config: OR,
    headers: { authorization: valid({ sub: 'svc://unknown' }) },
    passes: AS_NOBODY,
  },
  {
    name: 'or: spoofed identity is stripped from an anonymous call',
    config: OR,
    headers: { ...SPOOFED },
    passes: { ...AS_NOBODY, ...STRIPPED },
  },
  {
    name: 'or: a spoofed marker is replaced',
    config: OR,
    headers: { 'x-oathmesh-decision': ['allow'] },
    passes: { 'X-OathMesh-Decision': 'anonymous' },
  },
  {
    name: 'or: already authenticated by another plugin',
    config: OR,
    headers: { ...SPOOFED },
    request: { credential: { id: 'key-1' } },
    passes: { ...STRIPPED, 'X-OathMesh-Decision': 'anonymous' },
  },
  {
    name: 'or: the anonymous consumer does not exist',
    config: { ...OR, anonymous: 'nobody' },
    headers: {},
    refused: 500,
  },
  {
    name: 'or: headers that would strip the consumer are refused',
    config: OR,
    headers: { connection: ['X-OathMesh-Decision'] },
    refused: 400,
  },
  {
    name: 'preflight is verified by default',
    config: {},
    headers: {},
    request: { method: 'OPTIONS' },
    refused: 401,
  },
  {
    name: 'preflight passes where it is left out',
    config: { run_on_preflight: false },
    headers: { ...SPOOFED },
    request: { method: 'OPTIONS' },
    passes: { ...STRIPPED, 'X-OathMesh-Decision': 'anonymous' },
  },
  {
    name: 'other methods are verified where preflight is left out',
    config: { run_on_preflight: false },
    headers: {},
    request: { method: 'GET' },
    refused: 401,
  },
  {
    name: 'observe: a valid token passes with its identity',
    config: OBSERVE,
    headers: { authorization: valid() },
    passes: { 'X-OathMesh-Decision': 'allow', 'X-OathMesh-Subject': SUBJECT, authorization: [] },
  },
  {
    name: 'observe: no token passes and is marked',
    config: OBSERVE,
    headers: {},
    passes: { 'X-OathMesh-Decision': 'observe' },
  },
  {
    name: 'observe: a wrong token passes, without the token',
    config: OBSERVE,
    headers: { authorization: wrong() },
    passes: { 'X-OathMesh-Decision': 'observe', authorization: [] },
  },
  {
    name: 'observe: spoofed identity is stripped all the same',
    config: OBSERVE,
    headers: { ...SPOOFED },
    passes: STRIPPED,
  },
  {
    name: 'observe: headers that cannot all be seen are refused',
    config: OBSERVE,
    headers: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`h${at}`, ['1']])),
    refused: 400,
  },
  {
    name: 'observe: a consumer is looked up for a valid token',
    config: { ...OBSERVE, ...BY_SUBJECT },
    headers: { authorization: valid() },
    passes: AS_BOT,
  },
  {
    name: 'observe: a missing consumer blocks nothing',
    config: { ...OBSERVE, ...BY_SUBJECT },
    headers: { authorization: valid({ sub: 'svc://unknown' }) },
    passes: { 'X-OathMesh-Decision': 'observe' },
  },
]

describe('Kong’s conventions for authentication plugins', () => {
  test.each(rows)('$name', async ({ config, headers, request, passes, refused }) => {
    const kong = await access(config, { headers, ...request })
    if (refused !== undefined) {
      expect(exit(kong)?.[0]).toBe(refused)
      expect(upstream(kong)).toBeUndefined()
      return
    }
    expect(exit(kong)).toBeUndefined()
    expect(upstream(kong)).toMatchObject(passes ?? {})
    const names = Object.keys(upstream(kong) ?? {}).map((name) => name.toLowerCase())
    expect(names).toHaveLength(new Set(names).size)
  })

  test.each([
    ['observe', OBSERVE],
    ['anonymous', OR],
  ])('%s leaves a credential for another plugin alone', async (_, config) => {
    const kong = await access(config, { headers: { authorization: ['Basic dXNlcjpwYXNz'] } })
    expect(upstream(kong)).not.toHaveProperty('authorization')
  })

  test('a call passes under no identity of ours unless it has been verified', async () => {
    for (const config of [OBSERVE, OR]) {
      const kong = await access(config, { headers: { authorization: wrong() } })
      expect(upstream(kong)).not.toHaveProperty('X-OathMesh-Subject')
    }
  })

  test('consumer and subject are recorded for the plugins behind', async () => {
    const kong = await access(BY_SUBJECT, { headers: { authorization: valid() } })
    expect(argument(kong, 'client.authenticate')).toEqual([BOT, { id: SUBJECT }])
    const anonymous = await access(OR, { headers: {} })
    expect(argument(anonymous, 'client.authenticate')).toEqual([NOBODY, null])
  })

  test('what passes although refused is audited with enforced:false', async () => {
    for (const config of [OBSERVE, OR]) {
      const kong = await access(config, { headers: { authorization: wrong() } })
      expect(audit(kong)).toMatchObject({ event: 'deny', reason: 'bad_signature', enforced: false })
    }
  })

  test('log plugins are told who called where that is wanted', async () => {
    const kong = await access(
      { audit: { serialize: true } },
      { headers: { authorization: valid({ jti: 'id-s' }) } },
    )
    expect(argument(kong, 'log.set_serialize_value')).toEqual([
      'oathmesh',
      {
        outcome: 'allow',
        sub: SUBJECT,
        act: 'inventory.write',
        jti: 'id-s',
        step: LAST_STEP,
        reason: undefined,
      },
    ])
  })

  test.each([
    ['a claim that is not named', { consumer: { by: 'claim' } }, 'consumer.claim: required'],
    ['anonymous without consumers', { anonymous: 'anonymous' }, 'consumer.by: must not be off'],
    ['anonymous while observing', { ...OR, ...OBSERVE }, 'enforcement: observe'],
  ])('%s is a wrong configuration', async (_, config, message) => {
    await expect(access(config, {})).rejects.toThrow(message)
  })
})
