import { IssuerServer } from '../../issuer/http/issuer-server.ts'
import { createIssuer } from '../../issuer/issuer.ts'
import { KeySchedule } from '../../issuer/keys/key-schedule.ts'
import { PromMeter } from '../../lib/metrics/prom-meter.ts'
import { RecordingLog } from '../lib/keys/fixture.ts'
import { BILLING_TOKEN, basic, issuerKey, NOW, settings } from './fixture.ts'

/** Between two looks at the stopwatch. */
const TICK_MS = 250

describe('oathmesh_mint_duration_seconds', () => {
  test('tells how long a request took that got a token', async () => {
    const meter = new PromMeter('issuer')
    let watchMs = 0
    const issuer = createIssuer({
      settings: await settings(),
      keys: { schedule: new KeySchedule([issuerKey('trusted')], 60) },
      audit: { write() {} },
      clock: { now: () => NOW * 1000 },
      stopwatch: () => {
        watchMs += TICK_MS
        return watchMs
      },
      log: new RecordingLog(),
      meter,
    })
    const server = await IssuerServer.start(issuer, { host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${server.origin}/v1/token`, {
      method: 'POST',
      headers: { authorization: basic(), 'content-type': 'application/json' },
      body: JSON.stringify(BILLING_TOKEN),
    })
    await answer.text()
    await server.stop()
    expect(answer.status).toBe(200)
    const figure = (await meter.figures()).find(
      ({ name }) => name === 'oathmesh_mint_duration_seconds',
    )
    const ofSeries = (end: string) =>
      figure?.values.find(({ metricName = '' }) => metricName.endsWith(end))?.value ?? 0
    expect(ofSeries('_count')).toBe(1)
    // From the arrival to the answer: the stopwatch has been looked at in both, at least.
    expect(ofSeries('_sum')).toBeGreaterThanOrEqual(TICK_MS / 1000)
  })
})
