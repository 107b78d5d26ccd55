import type { PluginModule } from '../../plugin/plugin-module.ts'
import { causeMessage } from '../../session/cause-text.ts'
import type { PluginInstance } from '../../session/instance-table.ts'
import type { Session } from '../../session/session.ts'
import type { Reply } from './reply.ts'
import { type RpcMethod, scalarText } from './rpc-method.ts'

/** The methods about instances. */
export function instanceMethods(session: Session): [string, RpcMethod][] {
  const { instances } = session
  const start: RpcMethod = ({ members: { Name, Config } }, reply) => {
    const plugin = session.plugins.get(scalarText(Name))
    if (plugin === undefined) reply.error(`${scalarText(Name)} is not a plugin of this server`)
    else void startInstance(session, plugin, scalarText(Config), reply)
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

/** Never rejects. Kong answers 500 for as long as the instance does not start. */
async function startInstance(
  { announce, log }: Session,
  plugin: PluginModule,
  text: string,
  reply: Reply,
): Promise<void> {
  try {
    const config: unknown = JSON.parse(text)
    const { id, startedAt } = await announce(plugin, plugin.start(config), text)
    log.info('an instance was started', { plugin: plugin.name, instance: id })
    reply.result({ Name: plugin.name, Id: id, Config: config, StartTime: startedAt })
  } catch (cause) {
    const message = causeMessage(cause)
    log.error('an instance could not be started', { plugin: plugin.name, cause: message })
    reply.error(message)
  }
}

/** Kong looks for these words and starts the instance anew. */
export function noInstance(id: unknown): string {
  return `no plugin instance #${scalarText(id)}`
}
