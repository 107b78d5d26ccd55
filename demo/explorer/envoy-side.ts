import { startEnvoyStack } from '../../testkit/envoy-stack.ts'
import { until } from '../../testkit/redis-server.ts'
import { type Arrivals, BACK_MS, redisIsBackIn, type Side, serviceInto, watching } from './side.ts'

const HEALTHY = 'cluster.oathmesh.membership_healthy'

/** A real Envoy with the configuration that ships, and a process of oathmesh-envoy. */
export async function startEnvoySide(config: object, store: string): Promise<Side> {
  const arrivals: Arrivals = []
  const { url, envoy, service, stop } = await startEnvoyStack({
    policies: { default: config },
    upstream: serviceInto(arrivals),
  })
  const audit = () => service.output.split('\n').slice(0, -1)
  return {
    gateway: {
      id: 'envoy',
      label: 'Envoy',
      decider: 'oathmesh-envoy',
      url: `${url}/inventory`,
      store,
      audited: true,
      watch: () => watching(arrivals, audit),
    },
    async killDecider() {
      const { pid } = service
      await service.end('SIGKILL')
      return {
        done: `oathmesh-envoy, process ${pid}, was killed (SIGKILL)`,
        async undo() {
          await service.start()
          await until(async () => (await envoy.stat(HEALTHY)) > 0, BACK_MS)
          return `It has been started again: process ${service.pid}.`
        },
      }
    },
    redisIsBack: () => redisIsBackIn(() => service.errors),
    stop,
  }
}
