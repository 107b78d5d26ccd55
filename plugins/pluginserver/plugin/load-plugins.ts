import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, parse, resolve } from 'node:path'
import type { Log } from '../../../lib/index.ts'
import { causeText } from '../session/cause-text.ts'
import { PluginModule } from './plugin-module.ts'

const EXTENSIONS = new Set(['.js', '.ts', '.node', '.cjs', ''])

/**
 * Loads every plugin of a folder, by name. A file that is no plugin is reported and left out. `.ts` files
 * are what Node itself makes of them: bundle a TypeScript plugin first.
 */
export function loadPlugins(folder: string, log: Log): Map<string, PluginModule> {
  const directory = resolve(folder)
  // Not the bundle's own `require`: plugins are files at run time, with caches and paths of their own.
  const require = createRequire(resolve(directory, 'plugin-folder'))
  const plugins = new Map<string, PluginModule>()
  for (const file of readdirSync(directory)) {
    if (file.startsWith('.') || file.includes('node_modules')) continue
    try {
      const path = require.resolve(resolve(directory, file))
      if (!EXTENSIONS.has(extname(path))) continue
      const plugin = new PluginModule(parse(path).name, path, require(path))
      const known = plugins.get(plugin.name)
      if (known === undefined) plugins.set(plugin.name, plugin)
      else log.warn('a plugin was left out: its name is taken', { path, by: known.path })
    } catch (cause) {
      log.warn('a plugin could not be loaded', {
        path: resolve(directory, file),
        cause: causeText(cause),
      })
    }
  }
  return plugins
}
