import type { Exchange } from '../exchange.ts'
import type { PdkEnvironment } from '../pdk.ts'

/** The phases that are played here. */
export type Phase = 'access' | 'log'

/** One phase of one request, for one instance of the plugin. */
export interface PluginEvent {
  readonly instanceId: number
  readonly phase: Phase
  readonly exchange: Exchange
  readonly env: PdkEnvironment
}

/** Sees everything that is said in either direction, as the wire has it: a message or a frame. */
export type WireTrace = (from: 'kong' | 'plugin server', message: unknown) => void

export interface WireOptions {
  readonly socketPath: string
  /** Kong's `lua_socket_read_timeout`: how long the plugin server may stay silent. */
  readonly timeoutMs: number
  readonly trace?: WireTrace | undefined
}

/**
 * What Kong does after a fault: `repeat` forgets the instances, starts this one again and sends the
 * event once more; `pass` goes on as if the plugin had let the request pass; `refuse` answers 500.
 */
export type Aftermath = 'repeat' | 'pass' | 'refuse'

/** What every wire between Kong and a plugin server does. */
export interface Wire {
  /** Resolves with the number of a new instance. Rejects with `WireFault` when there is none. */
  startInstance(name: string, config: string): Promise<number>
  /**
   * Runs one event: PDK calls until the plugin server ends it, or a call ends the request or fails.
   * Rejects with `WireFault`, or with `LuaError` for what Kong itself breaks on: that is always a 500.
   */
  handleEvent(event: PluginEvent): Promise<void>
  /** By the message of a `WireFault`. */
  aftermath(fault: string): Aftermath
  close(): void
}
