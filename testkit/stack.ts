import { type PluginChoice, STOCK_PLUGIN_SERVER } from './plugin-commands.ts'
import { serviceWith } from './service-with.ts'
import { type Loopback, type LoopbackOptions, startOnLoopback } from './start-on-loopback.ts'

export { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER, STOCK_PLUGIN_SERVER } from './plugin-commands.ts'

export interface StackOptions extends Omit<LoopbackOptions, 'entities' | 'plugin'> {
  readonly routes: Readonly<Record<string, object | null>>
  readonly entities?: object
  readonly pluginServer?: string
  readonly pluginFolder?: string
}

export type Stack = Loopback & { readonly gateway: Pick<Loopback, 'url' | 'pluginServer'> }

/** `startOnLoopback` with a route for each configuration. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { routes, entities, pluginServer, pluginFolder, ...rest } = options
  const plugin: PluginChoice = {
    ...(pluginServer !== undefined && { server: pluginServer }),
    ...(pluginFolder !== undefined && { folder: pluginFolder }),
  }
  const loopback = await startOnLoopback({
    ...rest,
    plugin,
    entities: serviceWith(routes, entities),
  })
  return { ...loopback, gateway: loopback }
}

/** The plugin of a folder under the stock plugin server. */
export function stock(folder: string): PluginChoice {
  return { server: STOCK_PLUGIN_SERVER, folder }
}
