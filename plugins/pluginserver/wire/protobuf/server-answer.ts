import type { PluginModule } from '../../plugin/plugin-module.ts'
import { startAnyway } from '../../session/faulty-plugin.ts'
import type { Session } from '../../session/session.ts'
import { FrameFault } from '../frame-fault.ts'
import type { RpcCall } from './read-call.ts'
import type { Message } from './read-message.ts'
import { writeMessage } from './write-message.ts'

/**
 * The `RpcReturn` to a call that is not an event. Rejects with `FrameFault` where all that can be done is to
 * close the connection.
 */
export async function serverAnswer(
  session: Session,
  { sequence, name, fields }: RpcCall,
): Promise<Uint8Array> {
  return writeMessage('RpcReturn', { sequence, ...(await answerTo(session, name, fields)) })
}

async function answerTo(session: Session, name: string, fields: Message): Promise<Message> {
  const { plugins, instances, announce, log } = session
  switch (name) {
    case 'getPluginNames':
      return { pluginNames: { names: [...plugins.keys()] } }
    case 'getPluginInfo':
      return { pluginInfo: infoOf(pluginNamed(session, fields['name'])) }
    case 'startInstance': {
      const plugin = pluginNamed(session, fields['name'])
      const config = String(fields['config'] ?? '')
      const { id } = await announce(plugin, startAnyway(plugin, config, session), config)
      log.info('an instance was started', { plugin: plugin.name, instance: id })
      return { instanceStatus: { name: plugin.name, instanceId: id } }
    }
    case 'getInstanceStatus':
    case 'closeInstance': {
      const instance = instances.get(fields['instanceId'])
      if (instance === undefined) return {}
      if (name === 'closeInstance') instances.close(instance)
      const startedAt = Math.trunc(instance.startedAt)
      return { instanceStatus: { name: instance.plugin.name, instanceId: instance.id, startedAt } }
    }
    default:
      throw new FrameFault('not a call')
  }
}

/** There is no message for "no such plugin". */
function pluginNamed({ plugins }: Session, name: unknown): PluginModule {
  const plugin = plugins.get(String(name))
  if (plugin === undefined) throw new FrameFault('a call for a plugin that is not here')
  return plugin
}

function infoOf(plugin: PluginModule): Message {
  return {
    name: plugin.name,
    updatedAt: Math.trunc(plugin.modifiedAt),
    loadedAt: Math.trunc(plugin.loadedAt),
    phases: plugin.phases,
    version: String(plugin.version ?? ''),
    priority: Math.trunc(Number(plugin.priority)),
    schema: JSON.stringify(plugin.schema),
  }
}
