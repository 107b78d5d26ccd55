import type { Gateway } from '../../../lib/gateway/gateway.ts'
import { openGateway } from '../../../lib/gateway/open-gateway.ts'
import { Resources } from '../../../lib/gateway/resources.ts'
import { PromMeter } from '../../../lib/metrics/prom-meter.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import { BASE_CONFIG, cook, VECTOR_NOW, VECTOR_START } from '../../../testkit/vectors.ts'

const AUDIENCE = BASE_CONFIG.audience
const gone = () => Promise.reject(new Error('gone'))
let ids = 0

function metered(changes: object = {}): { gateway: Gateway; meter: PromMeter } {
  const meter = new PromMeter('kong')
  const resources = new Resources({
    log: silentLog,
    readPolicy,
    startedAt: VECTOR_START,
    clock: { now: () => VECTOR_NOW * 1000 },
    meter,
  })
  const config = parseConfig({ ...BASE_CONFIG, ...changes })
  return { meter, gateway: openGateway(toGatewaySettings(config, 'entity', []), resources) }
}

const call = (headers: Record<string, string[]>, accounts?: object) => ({
  headers,
  method: async () => 'GET',
  requestLine: gone,
  body: gone,
  context: async () => ({}),
  ...(accounts && { accounts: accounts as never }),
})
const bearing = (token: string) => call({ authorization: [`OathMesh ${token}`] })
const fresh = () => cook({}, `decision-meter-${++ids}`)

async function shown(meter: PromMeter, name: string): Promise<Record<string, number>> {
  const figure = (await meter.figures()).find((each) => each.name === name)
  return Object.fromEntries(
    (figure?.values ?? [])
      .filter(({ metricName = name }) => metricName === name || metricName === `${name}_count`)
      .map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  )
}

describe('the decisions of a gateway', () => {
  test('are counted by outcome, step, reason and status', async () => {
    const { gateway, meter } = metered()
    const token = fresh()
    for (const each of [token, token, 'x.y.z']) await gateway.decide(bearing(each))
    await gateway.decide(call({}))
    await gateway.decide(call({ connection: ['x-oathmesh-subject'] }))
    await gateway.refuse({ context: async () => ({}) }, new Error('unread'))

    expect(await shown(meter, 'oathmesh_decisions_total')).toEqual({
      [`${AUDIENCE} allow    true`]: 1,
      [`${AUDIENCE} deny 13 jti_replay 401 true`]: 1,
      [`${AUDIENCE} deny 2 header_encoding 401 true`]: 1,
      [`${AUDIENCE} deny  authorization_missing 401 true`]: 1,
      [`${AUDIENCE} deny  hop_by_hop_identity 400 true`]: 1,
      [`${AUDIENCE} deny  internal_error 401 true`]: 1,
    })
    expect(await shown(meter, 'oathmesh_replays_detected_total')).toEqual({ '': 1 })
    // The last two were refused before any step.
    expect(await shown(meter, 'oathmesh_verifications_total')).toEqual({ '': 4 })
    expect(await shown(meter, 'oathmesh_verification_duration_seconds')).toEqual({ '': 4 })
  })

  test('that are not enforced say so', async () => {
    const { gateway, meter } = metered({ enforcement: 'observe' })
    await gateway.decide(call({}))

    expect(await shown(meter, 'oathmesh_decisions_total')).toMatchObject({
      [`${AUDIENCE} observe  authorization_missing 401 false`]: 1,
    })
  })

  test('by an anonymous account are passes, and refusals where there is no such account', async () => {
    const { gateway, meter } = metered({ anonymous: 'nobody', consumer: { by: 'subject' } })
    const accounts = (account: object | undefined) => ({
      authenticated: async () => undefined,
      anonymous: async () => account,
    })
    await gateway.decide(call({}, accounts({ headers: {} })))
    await gateway.decide(call({}, accounts(undefined)))

    expect(await shown(meter, 'oathmesh_decisions_total')).toMatchObject({
      [`${AUDIENCE} anonymous  authorization_missing 401 false`]: 1,
      [`${AUDIENCE} deny  authorization_missing 401 true`]: 1,
    })
  })

  test('by policy and by the clock are counted under upstream’s names as well', async () => {
    const { gateway, meter } = metered({
      policy: { rules: [{ name: 'none', allow: false }] },
    })
    await gateway.decide(bearing(fresh()))
    const times = [
      { iat: VECTOR_NOW - 400, exp: VECTOR_NOW - 300 },
      { iat: VECTOR_NOW + 200, exp: VECTOR_NOW + 300 },
    ]
    for (const claims of times) {
      await gateway.decide(bearing(cook({ claims } as never, `decision-meter-${++ids}`)))
    }

    expect(await shown(meter, 'oathmesh_policy_denials_total')).toEqual({ '': 1 })
    expect(await shown(meter, 'oathmesh_clock_skew_rejections_total')).toEqual({
      expired: 1,
      future_iat: 1,
    })
  })

  test('have their costly steps and claims timed', async () => {
    const { gateway, meter } = metered()
    await gateway.decide(bearing(fresh()))
    const once = { keys: 1, signature: 1, binding: 1, replay: 1, policy: 1 }

    expect(await shown(meter, 'oathmesh_step_duration_seconds')).toEqual(once)
    expect(await shown(meter, 'oathmesh_replay_claim_duration_seconds')).toEqual({ memory: 1 })
    expect(Object.values(await shown(meter, 'oathmesh_ed25519_info'))).toEqual([1])
  })
})
