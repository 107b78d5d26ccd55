import { startedByKong } from '../../kong-master.ts'
import type { PluginModule } from '../../plugin/plugin-module.ts'
import type { Session } from '../../session/session.ts'
import { type RpcMethod, scalarText } from './rpc-method.ts'

/** The methods about plugins and the process. */
export function serverMethods(context: Session): [string, RpcMethod][] {
  const info: RpcMethod = ({ value: name }, reply) => {
    const plugin = context.plugins.get(scalarText(name))
    if (plugin === undefined) reply.error(`${scalarText(name)} is not a plugin of this server`)
    else reply.result(plugin.info)
  }
  return [
    ['plugin.GetPluginInfo', info],
    ['plugin.GetStatus', (_, reply) => reply.result(status(context))],
  ]
}

function status({ plugins, instances, events, pid }: Session): object {
  // Without configurations: they hold secrets.
  const ofPlugin = (plugin: PluginModule) => ({
    Name: plugin.name,
    Modtime: plugin.modifiedAt,
    LoadTime: plugin.loadedAt,
    Instances: instances
      .of(plugin)
      .map(({ id, startedAt }) => ({ Name: plugin.name, Id: id, StartTime: startedAt })),
    LastStartInstance: plugin.lastStartAt,
    LastCloseInstance: plugin.lastCloseAt,
  })
  const entries = [...plugins].map(([name, plugin]) => [name, ofPlugin(plugin)])
  return {
    Pid: pid,
    StartedByKong: startedByKong,
    Plugins: Object.fromEntries(entries),
    Events: events.size,
  }
}
