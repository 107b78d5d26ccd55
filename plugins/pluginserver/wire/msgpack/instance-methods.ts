import { causeMessage } from '../../session/cause-text.ts'
import type { PluginInstance } from '../../session/instance-table.ts'
import { type RpcContext, type RpcMethod, scalarText } from './rpc-method.ts'

/** The methods about instances. */
export function instanceMethods({ plugins, instances, log }: RpcContext): [string, RpcMethod][] {
  const start: RpcMethod = ({ members: { Name, Config } }, reply) => {
    const plugin = plugins.get(scalarText(Name))
    if (plugin === undefined)
      return reply.error(`${scalarText(Name)} is not a plugin of this server`)
    try {
      const config: unknown = JSON.parse(scalarText(Config))
      const { id, startedAt } = instances.start(plugin, config)
      log.info('an instance was started', { plugin: plugin.name, instance: id })
      reply.result({ Name: plugin.name, Id: id, Config: config, StartTime: startedAt })
    } catch (cause) {
      const message = causeMessage(cause)
      log.error('an instance could not be started', { plugin: plugin.name, cause: message })
      // Kong answers 500 for as long as the instance does not start.
      reply.error(message)
    }
  }

  const withInstance =
    (act: (instance: PluginInstance) => object): RpcMethod =>
    ({ value: id }, reply) => {
      const instance = instances.get(id)
      if (instance === undefined) reply.error(noInstance(id))
      else reply.result(act(instance))
    }

  const close = withInstance((instance) => {
    instances.close(instance)
    return { Name: instance.plugin.name, Id: instance.id }
  })

  // Without the configuration, which holds passwords and keys.
  const status = withInstance(({ plugin, id, startedAt }) => {
    return { Name: plugin.name, Id: id, StartTime: startedAt }
  })

  return [
    ['plugin.StartInstance', start],
    ['plugin.CloseInstance', close],
    ['plugin.InstanceStatus', status],
  ]
}

/** Kong looks for these words and starts the instance anew. */
export function noInstance(id: unknown): string {
  return `no plugin instance #${scalarText(id)}`
}
