import { LuaError } from './lua-error.ts'
import { PDK_METHODS } from './pdk.ts'
import type { PluginEvent } from './wire/wire.ts'

/** Whether there is such a PDK method here. */
export function hasPdk(method: string): boolean {
  return Object.hasOwn(PDK_METHODS, method)
}

/**
 * Runs one PDK method of an event; an absent result is Lua's nil. Throws `LuaError` for what Kong
 * refuses, as it does in the log phase for whatever asks for the request: that runs in a timer.
 */
export function runPdk(
  method: string,
  args: readonly unknown[],
  { phase, exchange, env }: Pick<PluginEvent, 'phase' | 'exchange' | 'env'>,
): unknown {
  const found = hasPdk(method) ? PDK_METHODS[method] : undefined
  if (found === undefined) throw new LuaError(`method "${method}" not found`)
  if (phase === 'log' && !found.inLog) throw new LuaError(`${method}: no request found`)
  return found.run(exchange, args, env)
}
