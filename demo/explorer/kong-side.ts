import { parse } from 'yaml'
import { renderPlugins } from '../../kong/guard/render.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import { until } from '../../testkit/redis-server.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { inventoryEntities } from '../inventory-config.ts'
import { type Arrivals, BACK_MS, redisIsBackIn, type Side, serviceInto, watching } from './side.ts'

/** The stand-in for Kong, with the guard and a plugin server process. */
export async function startKongSide(config: object, store: string): Promise<Side> {
  const arrivals: Arrivals = []
  const audit: string[] = []
  const loopback = await startOnLoopback({
    entities: (upstream) => ({
      ...(parse(renderPlugins({ kind: 'global' })) as object),
      ...inventoryEntities(upstream, config),
    }),
    upstream: serviceInto(arrivals),
    nativeFunctions,
    log: (level, line) => {
      const json = level === 'notice' ? line.indexOf('{"ts"') : -1
      if (json >= 0) audit.push(line.slice(json))
    },
  })
  const { pluginServer } = loopback
  return {
    gateway: {
      id: 'kong',
      label: 'Kong',
      decider: 'oathmesh-pluginserver',
      url: `${loopback.url}/inventory`,
      store,
      audited: true,
      watch: () => watching(arrivals, () => audit),
    },
    async killDecider() {
      const { pid } = pluginServer
      const gone = loopback.log.length
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
      const terminated = (line: string) => line.includes('terminated: signal 9')
      await until(() => loopback.log.slice(gone).some(terminated), BACK_MS)
      return {
        done: `oathmesh-pluginserver, process ${pid}, was killed (SIGKILL)`,
        async undo() {
          await pluginServer.replaced(pid)
          return `Its supervisor has started another: process ${pluginServer.pid}.`
        },
      }
    },
    redisIsBack: () => redisIsBackIn(() => loopback.log.join('\n')),
    stop: () => loopback.stop(),
  }
}
