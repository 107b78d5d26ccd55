import { createServer } from 'node:http'
import { startEnvoy } from '../envoy.ts'
import { type EnvoyConfig, shippedEnvoy } from '../envoy-config.ts'
import { EnvoyService } from '../envoy-service.ts'
import { listen } from '../listen.ts'
import { echoInto, type Seen } from '../seen.ts'
import type { Implementation } from './implementation.ts'
import { type Configurations, runOverHttp, type Stage } from './over-http.ts'

/** The service for ext_authz as it ships, behind a real Envoy. */
export const envoy: Implementation = {
  name: 'envoy',
  // It drops what `Connection` names before it asks, so that nobody can use that on what we set, and refuses fragments.
  before: {
    'Connection names an identity header': 'allow',
    'Connection names an identity header with underscores': 'allow',
    'Connection names the decision marker': 'allow',
    'Connection names authorization': { code: 'claim_missing:token' },
    'another path with a fragment': { status: 400 },
  },
  tokensOnly: true,
  run: (bench) => runOverHttp(bench, (configurations) => open(configurations, bench.clock.env)),
}

async function open(
  configurations: Configurations,
  env: Readonly<Record<string, string>>,
): Promise<Stage> {
  const names = Object.keys(configurations).map((host) => [host, host.split('.')[0] ?? host])
  const policies = Object.fromEntries(
    names.map(([host = '', name = '']) => [name, configurations[host] ?? {}]),
  )
  const seen: Seen[] = []
  const upstream = await listen(createServer(echoInto(seen)))
  const service = await EnvoyService.start({ policies, env })
  const hosts = Object.fromEntries(names) as Readonly<Record<string, string>>
  const places = { upstreamUrl: upstream.url, sockets: [service.socketPath], hosts }
  const gateway = await startEnvoy(shippedEnvoy(places, asItComes)).catch(
    async (cause: unknown) => {
      // What has been started would keep the process from ending, and nobody would see why.
      await service.stop()
      await upstream.stop()
      throw cause
    },
  )
  return {
    url: gateway.url(),
    seen,
    async stop() {
      await gateway.stop()
      await service.stop()
      await upstream.stop()
    },
  }
}

/** The strict reading of what ships would answer some cases before the service is asked. */
function asItComes(_: EnvoyConfig, manager: EnvoyConfig): void {
  for (const option of [
    'normalize_path',
    'merge_slashes',
    'path_with_escaped_slashes_action',
    'common_http_protocol_options',
  ]) {
    delete manager[option]
  }
  manager.http_filters = manager.http_filters.filter(
    ({ name }: { name: string }) => name !== 'strip',
  )
}
