import type { ReplayStore } from './replay-store.ts'

/** A memory of used tokens that several processes share. */
export interface OfferedStore extends ReplayStore {
  /** Makes room for at least this many records. */
  reserve(maxEntries: number): void
}

/** The host and what it hosts are bundles of their own, so a module's variable would be there twice. */
const KEY = Symbol.for('oathmesh.replay-store')

/** To be called by a host that runs several processes, before it loads what claims token ids. */
export function offerReplayStore(store: OfferedStore): void {
  Object.defineProperty(globalThis, KEY, { value: store, configurable: true })
}

/** What the host of this process offers: then a memory of its own would accept a token once more. */
export function offeredReplayStore(): OfferedStore | undefined {
  return (globalThis as { [KEY]?: OfferedStore })[KEY]
}
