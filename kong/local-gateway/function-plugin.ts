import type { PluginEntity } from './entities.ts'
import type { Exchange } from './exchange.ts'
import type { GatewayPlugin } from './gateway-plugin.ts'

/** What a known Lua function does, in TypeScript: this gateway has no Lua. */
export type NativeFunction = (
  exchange: Exchange,
  context: {
    /** Whether an entity of the external plugin applies to this request. */
    readonly protectedRoute: boolean
    readonly routeTags: readonly unknown[]
  },
) => void

/** By the first line of the Lua source, such as `-- oathmesh-guard v2 scoped-access-first`. */
export type NativeFunctions = Readonly<Record<string, NativeFunction>>

/** Kong's plugins that run Lua functions, and their priorities. */
export const FUNCTION_PLUGINS: Readonly<Record<string, number>> = {
  'pre-function': 1_000_000,
  'post-function': -1000,
}

/**
 * A `pre-function` or `post-function` entity. Throws `TypeError` for a Lua function without a stand-in
 * and for functions of any phase but access: nothing in them may be left out silently.
 */
export function functionPlugin(
  { name, config }: PluginEntity,
  priority: number,
  protectedRoute: boolean,
  known: NativeFunctions,
): GatewayPlugin {
  const { access = [], ...others } = config
  const other = Object.entries(others).find(([, value]) => !isEmpty(value))
  if (other !== undefined) throw new TypeError(`${name}: config.${other[0]} is not supported here`)
  if (!Array.isArray(access)) throw new TypeError(`${name}: config.access: expected an array`)
  const functions = access.map((source: unknown) => nativeFor(name, String(source), known))
  return {
    name,
    priority,
    access(exchange) {
      const tags = exchange.route.entity['tags']
      const routeTags = Array.isArray(tags) ? tags : []
      for (const run of functions) {
        if (exchange.exit === undefined) run(exchange, { protectedRoute, routeTags })
      }
    },
  }
}

function nativeFor(plugin: string, source: string, known: NativeFunctions): NativeFunction {
  const marker = source.trimStart().split('\n', 1)[0]?.trim() ?? ''
  const found = Object.hasOwn(known, marker) ? known[marker] : undefined
  if (found === undefined) {
    throw new TypeError(`${plugin}: no stand-in for the Lua function that begins "${marker}"`)
  }
  return found
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0)
}
