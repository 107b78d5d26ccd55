import { resolve } from 'node:path'

/** The plugin server of kong-pdk as it is published. It knows one wire, MessagePack. */
export const STOCK_PLUGIN_SERVER = resolve('testkit/kong-js-pluginserver.cjs')
/** Ours; `npm test` builds it first. */
export const HARDENED_PLUGIN_SERVER = resolve('dist/bin/oathmesh-pluginserver.cjs')
/** The folder with the plugin as it ships; `npm test` builds it first. */
export const PLUGIN_FOLDER = resolve('dist/kong')

/** How Kong starts a plugin server and asks it what its plugin is. */
export interface Commands {
  /** `undefined` where another supervisor runs the plugin server. */
  readonly startCommand: readonly string[] | undefined
  readonly queryCommand: readonly string[]
}

/** A plugin under a plugin server: by default the one that ships under ours. */
export interface PluginChoice {
  readonly server?: string
  readonly folder?: string
  /** Flags of the server beside plugins and prefix. */
  readonly flags?: readonly string[]
}

/** The commands for a plugin of Kong's JavaScript PDK, whose socket will be in the prefix. */
export function pluginCommands(prefix: string, plugin: PluginChoice): Commands {
  const { server = HARDENED_PLUGIN_SERVER, folder = PLUGIN_FOLDER, flags = [] } = plugin
  const command = [server, '--plugins-directory', folder, ...flags]
  return {
    startCommand: [...command, '--kong-prefix', prefix],
    queryCommand: [...command, '--dump-all-plugins'],
  }
}
