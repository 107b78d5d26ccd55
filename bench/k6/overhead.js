// The published description's table: raw requests beside verified ones, p50, p95, p99 and the difference.
// k6 run --env TOKENS=tokens.json [--env GATEWAY=http://127.0.0.1:8000] [--env RATE=200] bench/k6/overhead.js
import { check } from 'k6'
import { SharedArray } from 'k6/data'
import exec from 'k6/execution'
import http from 'k6/http'
import { Trend } from 'k6/metrics'

const GATEWAY = __ENV.GATEWAY || 'http://127.0.0.1:8000'
const RAW_URL = __ENV.RAW_URL || `${GATEWAY}/no-plugin`
const VERIFIED_URL = __ENV.VERIFIED_URL || `${GATEWAY}/memory`
const RATE = Number(__ENV.RATE || 200)
const SECONDS = Number(__ENV.SECONDS || 30)
// A round of one, then of the other, so that both meet the same moods of the machine.
const ROUNDS = Number(__ENV.ROUNDS || 5)
// What connections and heaps need is not measured.
const WARM_UP_SECONDS = 3

const tokens = new SharedArray('tokens', () => JSON.parse(open(__ENV.TOKENS)))
const trends = { raw: new Trend('raw_ms', true), verified: new Trend('verified_ms', true) }
const block = SECONDS / ROUNDS

function scenario(kind, at) {
  return {
    executor: 'constant-arrival-rate',
    exec: kind,
    rate: RATE,
    timeUnit: '1s',
    duration: `${block}s`,
    startTime: `${WARM_UP_SECONDS + (2 * at + (kind === 'raw' ? 0 : 1)) * (block + 1)}s`,
    preAllocatedVUs: 64,
    maxVUs: 256,
    gracefulStop: '1s',
  }
}

const scenarios = {
  warm_up: {
    executor: 'constant-arrival-rate',
    exec: 'warmUp',
    rate: RATE,
    timeUnit: '1s',
    duration: `${WARM_UP_SECONDS}s`,
    preAllocatedVUs: 64,
  },
}
for (let at = 0; at < ROUNDS; at++) {
  for (const kind of ['raw', 'verified']) scenarios[`${kind}_${at}`] = scenario(kind, at)
}

export const options = {
  scenarios,
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'count'],
  thresholds: { checks: ['rate==1'] },
}

export function raw() {
  const answer = http.get(RAW_URL)
  check(answer, { 'raw is 200': ({ status }) => status === 200 })
  trends.raw.add(answer.timings.duration)
}

export function verified() {
  const answer = call()
  check(answer, { 'verified is 200': ({ status }) => status === 200 })
  trends.verified.add(answer.timings.duration)
}

export function warmUp() {
  call()
}

/** Each token is sent once: tokens are taken by the number of the iteration in the whole test, per scenario. */
function call() {
  const { name, iterationInTest } = exec.scenario
  const perScenario = Math.ceil(tokens.length / (ROUNDS + 1))
  const place = name === 'warm_up' ? ROUNDS : Number(name.split('_')[1])
  const token = tokens[place * perScenario + (iterationInTest % perScenario)]
  return http.get(VERIFIED_URL, {
    headers: { Authorization: `OathMesh ${token}` },
  })
}

export function handleSummary({ metrics }) {
  const row = (name, { values }) =>
    `${name.padEnd(20)} p50: ${values.med.toFixed(2)}ms | p95: ${values['p(95)'].toFixed(2)}ms | p99: ${values['p(99)'].toFixed(2)}ms | ${values.count} requests`
  const [before, after] = [metrics.raw_ms, metrics.verified_ms]
  const delta = (stat) => (after.values[stat] - before.values[stat]).toFixed(2)
  return {
    stdout: [
      '',
      row('[Raw Request]', before),
      row('[+ OathMesh Verify]', after),
      `Delta                p50: ${delta('med')}ms | p95: ${delta('p(95)')}ms | p99: ${delta('p(99)')}ms`,
      `checks passed: ${(metrics.checks.values.rate * 100).toFixed(2)} %`,
      '',
    ].join('\n'),
    [__ENV.JSON || 'k6.json']: JSON.stringify({
      rate: RATE,
      seconds: SECONDS,
      raw: before,
      verified: after,
    }),
  }
}
