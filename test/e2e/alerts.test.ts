import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Dashboard, queriesOf, withAllChosen } from '../../testkit/dashboard.ts'
import { closeHttpCalls } from '../../testkit/http-call.ts'
import { alertsOf, faster, type RulesFile, scaled } from '../../testkit/prometheus-rules.ts'
import { PrometheusServer } from '../../testkit/prometheus-server.ts'
import { until } from '../../testkit/redis-server.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { callersGoAstray, clockIsBehind } from './alerts/callers.ts'
import * as gateways from './alerts/gateways.ts'
import { envoyClockIsAhead, issuerDies, issuerIsNeglected } from './alerts/others.ts'
import type { Target } from './alerts/target.ts'

/** So many times as fast as in earnest: five minutes are fifteen seconds. */
const FACTOR = 20
/** Scrapes come less often than that, so that whoever is busy is not taken for away. */
const SCRAPE_FACTOR = 15
/** Between two calls, or groups of calls, of each target. */
const CALL_EVERY_MS = 250
/** The longest that a rule looks back and waits, and some evaluations. */
const LIMIT_MS = 120_000

const rules = parse(readFileSync('examples/prometheus/rules.yml', 'utf8')) as RulesFile
const config = parse(readFileSync('examples/prometheus/prometheus.yml', 'utf8')) as {
  readonly global: { readonly scrape_interval: string; readonly evaluation_interval: string }
  readonly scrape_configs: readonly { readonly job_name: string }[]
}

const FAULTS = {
  healthy: gateways.healthy,
  'callers that go astray': callersGoAstray,
  'a clock that is behind': clockIsBehind,
  'a clock that is ahead': envoyClockIsAhead,
  'a Redis that dies': gateways.redisDies,
  'a Redis that is slow': gateways.redisIsSlow,
  'a node that is cut off': gateways.nodeIsCutOff,
  'a plugin server that is unfit': gateways.serverIsUnfit,
  'an issuer that is neglected': issuerIsNeglected,
  'an issuer that dies': issuerDies,
} as const
type FaultName = keyof typeof FAULTS
const NAMES = Object.keys(FAULTS) as FaultName[]

const targets = new Map<FaultName, Target>()
let prometheus: PrometheusServer
let load: NodeJS.Timeout | undefined

/** The shipped configuration with these targets, in a time that runs faster. */
function configuration(): object {
  const { scrape_interval, evaluation_interval } = config.global
  return {
    ...config,
    global: {
      scrape_interval: scaled(scrape_interval, SCRAPE_FACTOR),
      scrape_timeout: scaled(scrape_interval, SCRAPE_FACTOR),
      evaluation_interval: scaled(evaluation_interval, FACTOR),
    },
    scrape_configs: config.scrape_configs.map((job) => ({
      ...job,
      static_configs: [
        {
          targets: [...targets.values()]
            .filter((target) => target.job === job.job_name)
            .map(({ address }) => address),
        },
      ],
    })),
  }
}

/** What a process raises, and rightly, that does not get its turn. */
const OF_THE_BUSY = /^OathMesh(?:Slow|MintSlow|Down) /
const BUSY_SECONDS = 0.05

/** Whether the machine has kept the process waiting for longer than a healthy one may take. */
async function wasBusy({ address }: Target): Promise<boolean> {
  const lag = `oathmesh_event_loop_lag_seconds{quantile="1", instance="${address}"}`
  const [worst] = await prometheus.query(`max(max_over_time(${lag}[10m]))`)
  return (worst?.value ?? 0) > BUSY_SECONDS
}

/** Alerts that have fired so far at this target. */
async function fired({ address }: Target): Promise<readonly string[]> {
  const series = `max_over_time(ALERTS{alertstate="firing", instance="${address}"}[10m])`
  const samples = await prometheus.query(`max by (alertname, severity, audience) (${series})`)
  return samples
    .map(({ metric: { alertname, severity, audience = '' } }) =>
      `${alertname} ${severity} ${audience}`.trim(),
    )
    .toSorted()
}

async function allHaveFired(): Promise<boolean> {
  for (const target of targets.values()) {
    const all = await fired(target)
    if (!target.raises.every((alert) => all.includes(alert))) return false
  }
  return true
}

beforeAll(async () => {
  // One after the other: together they would wait for each other longer than any of them may.
  for (const name of NAMES) targets.set(name, await FAULTS[name]())
  prometheus = await PrometheusServer.start({
    'prometheus.yml': configuration(),
    'rules.yml': faster(rules, FACTOR),
  })
  load = setInterval(() => {
    for (const target of targets.values()) target.call()
  }, CALL_EVERY_MS)
  // What grows is seen to grow from the second look on.
  const looks = `count(count_over_time(up[1m]) > 4 and up == 1)`
  await until(async () => (await prometheus.query(looks))[0]?.value === targets.size, LIMIT_MS)
  await Promise.all(
    [...targets.values()].map((target) =>
      target.begin(async () => {
        const series = `process_start_time_seconds{instance="${target.address}"}`
        return (await prometheus.query(series))[0]?.value
      }),
    ),
  )
  // What has not fired by then is told by the tests.
  await until(allHaveFired, LIMIT_MS).catch(() => {})
}, 300_000)

afterAll(async () => {
  clearInterval(load)
  await prometheus?.stop()
  for (const target of targets.values()) await target.stop()
  closeHttpCalls()
}, 60_000)

describe('the alerts', () => {
  test.each(NAMES)('of %s are its own and no others', async (name) => {
    const target = targets.get(name) as Target
    const { raises, mayRaise = [] } = target
    const busy = await wasBusy(target)
    const others = (await fired(target)).filter((alert) => !raises.includes(alert))
    expect(await fired(target)).toEqual(expect.arrayContaining([...raises]))
    expect(
      others.filter((alert) => !mayRaise.includes(alert) && !(busy && OF_THE_BUSY.test(alert))),
    ).toEqual([])
  })

  test('have each a fault here', () => {
    const raised = new Set(
      [...targets.values()].flatMap(({ raises }) =>
        raises.map((alert) => alert.split(' ').slice(0, 2).join(' ')),
      ),
    )
    const known = alertsOf(rules).map(({ alert, labels }) => `${alert} ${labels['severity']}`)
    expect([...raised].toSorted()).toEqual(known.toSorted())
  })
})

const dashboards = readdirSync('examples/grafana')
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(`examples/grafana/${file}`, 'utf8')) as Dashboard)

describe.each(dashboards)('$title', (board) => {
  test.each(queriesOf(board))('shows something: $title, $expr', async ({ expr }) => {
    expect(await prometheus.query(withAllChosen(expr, '5s'))).not.toEqual([])
  })
})

describe('docs/runbook.md', () => {
  test.each(fencedBlocks('docs/runbook.md', 'promql'))(
    'line $line shows something',
    async ({ text }) => {
      expect(await prometheus.query(text)).not.toEqual([])
    },
  )
})
