import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { stringify } from 'yaml'
import { listen } from '../demo/listen.ts'
import { type LocalGateway, startLocalGateway } from '../kong/local-gateway/index.ts'
import { mint } from '../lib/index.ts'
import { closeHttpCalls, httpCall } from '../testkit/http-call.ts'
import { KEYS } from '../testkit/keys.ts'
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
  const upstream = await listen(createServer((_, response) => response.end('ok')))
  const none = await gateway(upstream.url, resolve('bench/plugins'), undefined)
  const empty = await gateway(upstream.url, resolve('bench/plugins'), {})
  const oathmesh = await gateway(upstream.url, resolve('dist/kong'), {
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
        const { status } = await httpCall(running.gateway.url, { path: '/', headers })
        if (status !== 200) throw new Error(`the benchmark was answered with ${status}`)
        if (round >= 0) times.push(performance.now() - start)
      }
    }
  }
  closeHttpCalls()
  for (const { running } of routes) await running.stop()
  await upstream.stop()
  return routes.map(({ route, times }) => ({
    route,
    medianMs: median(times),
    p99Ms: quantile(times, 0.99),
  }))
}

interface Running {
  readonly gateway: LocalGateway
  stop(): Promise<void>
}

async function gateway(
  upstream: string,
  folder: string,
  config: object | undefined,
): Promise<Running> {
  const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-bench-'))
  const command = resolve('dist/bin/oathmesh-pluginserver.cjs')
  const plugins = config === undefined ? [] : [{ name: 'oathmesh', config }]
  const running = await startLocalGateway({
    config: stringify({
      _format_version: '3.0',
      services: [{ name: 'up', url: upstream, routes: [{ name: 'all', paths: ['/'], plugins }] }],
    }),
    pluginServer: {
      startCommand: [command, '--plugins-directory', folder, '--kong-prefix', prefix],
      queryCommand: [command, '--plugins-directory', folder, '--dump-all-plugins'],
      socketPath: join(prefix, 'js_pluginserver.sock'),
    },
  })
  return {
    gateway: running,
    async stop() {
      await running.stop()
      rmSync(prefix, { recursive: true, force: true })
    },
  }
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
