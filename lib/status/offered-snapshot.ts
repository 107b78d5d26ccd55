import type { GatewaySnapshot } from './snapshot.ts'

/** The plugin and the server that hosts it are bundles of their own, so a module's variable would be there twice. */
const KEY = Symbol.for('oathmesh.status')

/** To be called by what decides on calls, so that its host can say how it goes. */
export function offerSnapshot(take: () => GatewaySnapshot): void {
  Object.defineProperty(globalThis, KEY, { value: take, configurable: true })
}

/** What the plugin in this process says of itself; `undefined` where none says anything. */
export function offeredSnapshot(): GatewaySnapshot | undefined {
  return (globalThis as { [KEY]?: () => GatewaySnapshot })[KEY]?.()
}
