import type { PdkCall } from 'kong-pdk/pdk.js'

/** Whether a call's answer will come, or the call gives nothing and the plugin need not wait for it. */
export type CallKind = 'answered' | 'silent'

/** Kong's side of one event, as its wire provides it. Kong runs what it is given in that order. */
export interface EventPort {
  /** Whether Kong would hear of an end now. */
  readonly listening: boolean
  /** Throws, and sends nothing, when the wire cannot carry the call. */
  call(call: PdkCall): CallKind
  /** As `call`, for one after which Kong does nothing more for the event. */
  exit(call: PdkCall): void
  /** The phase is over and the request goes on. */
  end(): void
  /** Forgets what Kong has not been told yet. */
  drop(): void
}
