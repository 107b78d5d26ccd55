import type { Exchange } from './exchange.ts'

/** One plugin entity in the chain of a request. */
export interface GatewayPlugin {
  readonly name: string
  /** Plugins run from the highest priority to the lowest. */
  readonly priority: number
  /** May set `exchange.exit`; then no later plugin runs. A rejection is answered with 500. */
  access(exchange: Exchange): Promise<void> | void
  log?(exchange: Exchange): Promise<void>
}
