import type { PluginChoice } from './plugin-commands.ts'

/** The wires that our plugin server speaks. Suites that start a gateway run on each. */
export const WIRES = ['protobuf', 'msgpack'] as const

export type WireName = (typeof WIRES)[number]

/** The plugin as it ships, under our plugin server on this wire. */
export function onWire(wire: WireName): PluginChoice {
  return { flags: ['--wire', wire] }
}
