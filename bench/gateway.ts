import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { mint } from '../lib/token/mint.ts'
import { closeHttpCalls, httpCall } from '../testkit/http-call.ts'
import { KEYS } from '../testkit/keys.ts'
import { type Loopback, startOnLoopback } from '../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../testkit/vectors.ts'
import { median, quantile } from './statistics.ts'

const ROUNDS = 30
const CALLS = 60

export interface RouteFigures {
  readonly route: string
  readonly medianMs: number
  readonly p99Ms: number
}

/**
 * The same request over three routes that take turns: without a plugin, with an empty JavaScript plugin
 * that makes the same PDK calls, and with the plugin. One connection, upstream on the same machine.
 */
export async function benchGateway(): Promise<readonly RouteFigures[]> {
  const none = await gateway(resolve('bench/plugins'), undefined)
  const empty = await gateway(resolve('bench/plugins'), {})
  const oathmesh = await gateway(resolve('dist/kong'), {
    ...BASE_CONFIG,
    audit: { sink: 'none' },
  })
  const routes = [
    { route: 'no plugin', running: none, times: [] as number[] },
    { route: 'empty JavaScript plugin', running: empty, times: [] as number[] },
    { route: 'oathmesh', running: oathmesh, times: [] as number[] },
  ]
  for (let round = -5; round < ROUNDS; round++) {
    for (const { running, times } of routes) {
      for (let call = 0; call < CALLS; call++) {
        const headers = ['Authorization', `OathMesh ${token(`${round}-${call}`)}`]
        const start = performance.now()
        const { status } = await httpCall(running.url, { path: '/', headers })
        if (status !== 200) throw new Error(`the benchmark was answered with ${status}`)
        if (round >= 0) times.push(performance.now() - start)
      }
    }
  }
  closeHttpCalls()
  for (const { running } of routes) await running.stop()
  return routes.map(({ route, times }) => ({
    route,
    medianMs: median(times),
    p99Ms: quantile(times, 0.99),
  }))
}

function gateway(folder: string, config: object | undefined): Promise<Loopback> {
  const plugins = config === undefined ? [] : [{ name: 'oathmesh', config }]
  return startOnLoopback({
    plugin: { folder },
    entities: (url) => ({
      services: [{ name: 'up', url, routes: [{ name: 'all', paths: ['/'], plugins }] }],
    }),
    upstream: (_, response) => void response.end('ok'),
  })
}

function token(jti: string): string {
  const iat = Math.floor(Date.now() / 1000)
  return mint(
    {
      iss: 'https://issuer.example.test',
      sub: 'agent://repo/acme/deploy-bot',
      aud: 'https://inventory.internal',
      act: 'inventory.write',
      iat,
      exp: iat + 120,
      jti,
    },
    KEYS.trusted,
  )
}
