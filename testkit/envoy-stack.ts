import { createServer, type RequestListener } from 'node:http'
import { type Envoy, startEnvoy } from './envoy.ts'
import { type EnvoyConfig, shippedEnvoy } from './envoy-config.ts'
import { EnvoyService, type EnvoyServiceOptions } from './envoy-service.ts'
import { listen } from './listen.ts'
import { until } from './redis-server.ts'
import { echoInto, type Seen } from './seen.ts'

export interface EnvoyStackOptions extends EnvoyServiceOptions {
  /** Alters the configuration that ships. */
  readonly change?: (config: EnvoyConfig, manager: EnvoyConfig) => void
  /** By default it notes what it gets and answers with it. */
  readonly upstream?: RequestListener
}

/** An upstream, a service and a real Envoy that are running. */
export interface EnvoyStack {
  readonly url: string
  readonly upstreamUrl: string
  readonly envoy: Envoy
  readonly service: EnvoyService
  /** Everything that reached the upstream, unless it was given. */
  readonly seen: Seen[]
  stop(): Promise<void>
}

/** The shipped configuration with a host `<name>.test` for each policy; other hosts have the policy `default`. */
export async function startEnvoyStack(options: EnvoyStackOptions): Promise<EnvoyStack> {
  const { change, upstream: listener, ...forService } = options
  const seen: Seen[] = []
  const upstream = await listen(createServer(listener ?? echoInto(seen)))
  const service = await EnvoyService.start(forService)
  const names = Object.keys(options.policies)
  const hosts = Object.fromEntries(names.map((name) => [`${name}.test`, name]))
  const places = { upstreamUrl: upstream.url, sockets: [service.socketPath], hosts }
  const envoy = await startEnvoy(shippedEnvoy(places, change)).catch(async (cause: unknown) => {
    await service.stop()
    await upstream.stop()
    throw cause
  })
  await until(async () => (await envoy.stat('cluster.oathmesh.health_check.success')) > 0, 10_000)
  return {
    url: envoy.url(),
    upstreamUrl: upstream.url,
    envoy,
    service,
    seen,
    async stop() {
      await envoy.stop()
      await service.stop()
      await upstream.stop()
    },
  }
}
