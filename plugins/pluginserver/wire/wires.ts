import { msgpack } from './msgpack/index.ts'
import { protobuf } from './protobuf/index.ts'
import type { Wire } from './wire.ts'

/** Every wire, by the name that `--wire` gives it. */
export const WIRES = { msgpack, protobuf } as const satisfies Readonly<Record<string, Wire>>

export type WireName = keyof typeof WIRES
