import type { DecisionObserver, Gateway } from '../../../lib/gateway/gateway.ts'
import type { GatewayCall } from '../../../lib/gateway/gateway-call.ts'
import { openGateway } from '../../../lib/gateway/open-gateway.ts'
import { Resources } from '../../../lib/gateway/resources.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import { BASE_CONFIG, cook, VECTOR_NOW, VECTOR_START } from '../../../testkit/vectors.ts'

let ids = 0
const gone = () => Promise.reject(new Error('gone'))

function gateway(changes: object = {}, decisions?: DecisionObserver): Gateway {
  const config = parseConfig({ ...BASE_CONFIG, ...changes })
  const resources = new Resources({
    log: silentLog,
    readPolicy,
    startedAt: VECTOR_START,
    clock: { now: () => VECTOR_NOW * 1000 },
  })
  const settings = toGatewaySettings(config, 'entity', ['X-Account'])
  return openGateway(settings, resources, decisions && { decisions })
}

const call = (changes: Partial<GatewayCall> = {}): GatewayCall => ({
  headers: { authorization: [`OathMesh ${cook({}, `gateway-${++ids}`)}`] },
  method: async () => 'GET',
  requestLine: gone,
  body: gone,
  context: async () => ({ requestId: 'r-1' }),
  ...changes,
})
const unauthorized = (changes: Partial<GatewayCall> = {}) => call({ headers: {}, ...changes })

const OBSERVE = { enforcement: 'observe' }
const ACCOUNTS = { consumer: { by: 'subject' } }
const nobody = async () => undefined

describe('a gateway', () => {
  test('allows with the identity, and gives the line for the host’s log', async () => {
    const answer = await gateway().decide(call())
    expect(answer).toMatchObject({
      outcome: 'pass',
      as: 'allow',
      set: { 'X-OathMesh-Decision': 'allow', 'X-OathMesh-Action': 'inventory.write' },
      remove: ['authorization'],
    })
    expect(JSON.parse(answer.logLine ?? '')).toEqual(JSON.parse(JSON.stringify(answer.event)))
  })

  test.each<[string, object, GatewayCall]>([
    ['the context cannot be had', OBSERVE, unauthorized({ context: gone })],
    [
      'the method cannot be had',
      { ...OBSERVE, run_on_preflight: false },
      unauthorized({ method: gone }),
    ],
    [
      'an account cannot be looked up',
      { ...ACCOUNTS, ...OBSERVE },
      call({ accounts: { ofCaller: gone, anonymous: gone, authenticated: gone } }),
    ],
  ])('never rejects, and refuses also while observing, when %s', async (_, config, given) => {
    const answer = await gateway(config).decide(given)
    expect(answer).toMatchObject({
      outcome: 'refuse',
      status: 401,
      body: { error: 'verification_failed' },
    })
  })

  test('answers 500 for an anonymous account that is not there, and says that it has refused', async () => {
    const accounts = { ofCaller: nobody, anonymous: nobody, authenticated: nobody }
    const answer = await gateway({ ...ACCOUNTS, anonymous: 'x' }).decide(unauthorized({ accounts }))
    expect(answer).toMatchObject({
      outcome: 'refuse',
      status: 500,
      body: { request_id: 'r-1' },
      event: { event: 'deny', enforced: true },
    })
  })

  test('refuses what could not be read in any mode, with a request id', async () => {
    const answer = await gateway(OBSERVE).refuse({ context: gone }, new Error('unread'))
    expect(answer).toMatchObject({ outcome: 'refuse', status: 401, event: { enforced: true } })
    expect(answer.body['request_id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('tells an observer what has become of each call', async () => {
    const decided: unknown[] = []
    const observer: DecisionObserver = {
      decided: (as, { verdict }) => void decided.push([as, verdict.outcome]),
    }
    await gateway({}, observer).decide(call())
    await gateway({}, observer).decide(unauthorized())
    await gateway(OBSERVE, observer).decide(unauthorized())
    expect(decided).toEqual([
      ['allow', 'allow'],
      ['refuse', 'deny'],
      ['observe', 'deny'],
    ])
  })
})
