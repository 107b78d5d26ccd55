import type { PluginModule } from './plugin/plugin-module.ts'
import { encodeValue } from './wire/msgpack/encode-value.ts'

/**
 * One plugin's description as MessagePack, whatever the wire: as the stock server prints it. Throws a
 * `TypeError` when there is no such plugin.
 */
export function dumpPlugin(plugins: ReadonlyMap<string, PluginModule>, name: string): Uint8Array {
  const plugin = plugins.get(name)
  if (plugin === undefined) throw new TypeError(`there is no plugin ${name} in the folder`)
  return encodeValue(plugin.info)
}
