import type { Meter } from './meter.ts'

/** The host and what it hosts are bundles of their own, so a module's variable would be there twice. */
const KEY = Symbol.for('oathmesh.meter')

/** To be called by a host that exposes metrics, before it loads what has figures to tell. */
export function offerMeter(meter: Meter): void {
  Object.defineProperty(globalThis, KEY, { value: meter, configurable: true })
}

/** What the host of this process offers; absent where nobody would look at the figures. */
export function offeredMeter(): Meter | undefined {
  return (globalThis as { [KEY]?: Meter })[KEY]
}
