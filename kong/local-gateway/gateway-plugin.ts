import type { Consumer } from './entities.ts'
import type { Exchange } from './exchange.ts'
import type { GatewayLog } from './gateway-log.ts'

/** One plugin entity in the chain of a request. */
export interface GatewayPlugin {
  readonly name: string
  /** Plugins run from the highest priority to the lowest. */
  readonly priority: number
  /** May set `exchange.exit`; then no later plugin runs. A rejection is answered with 500. */
  access(exchange: Exchange): Promise<void> | void
  /** Runs when the client has been answered. A rejection is only logged. */
  log?(exchange: Exchange): Promise<void> | void
}

/**
 * Makes a stand-in for one of Kong's own plugins from the configuration of one entity. Throws
 * `TypeError` for a configuration the stand-in does not understand: it never ignores a field.
 */
export type NativePlugin = (
  config: Readonly<Record<string, unknown>>,
  kong: { readonly consumers: readonly Consumer[]; readonly log: GatewayLog },
) => GatewayPlugin
