import type { Protocol } from '../query-plugin.ts'
import { MsgpackWire } from './msgpack/msgpack-wire.ts'
import { ProtobufWire } from './protobuf/protobuf-wire.ts'
import type { Wire, WireOptions } from './wire.ts'

/** Kong's side of the wire that a plugin server has named in its dump. Connects when first used. */
export function openWire(protocol: Protocol, options: WireOptions): Wire {
  return protocol === 'ProtoBuf:1' ? new ProtobufWire(options) : new MsgpackWire(options)
}
