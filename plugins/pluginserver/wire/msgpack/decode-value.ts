import { FrameFault } from '../frame-fault.ts'

/**
 * Decodes one whole frame, as `FrameReader` returns it. Own, because @msgpack/msgpack throws on the map
 * key `__proto__`, which any client can send as a header name, and reads malformed UTF-8 as if it were
 * well formed, so that a plugin sees `/` where the upstream gets the bytes C0 AF.
 *
 * Byte strings are copies. Malformed UTF-8 becomes U+FFFD. Integers beyond 2^53 lose precision. Throws
 * `FrameFault` for a map key that is neither a string nor a number.
 */
export function decodeValue(frame: Buffer): unknown {
  return new Decoding(frame).value()
}

class Decoding {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  value(): unknown {
    // Behind the end: the type byte that MessagePack never uses.
    const lead = this.#bytes[this.#at++] ?? 0xc1
    if (lead < 0x80) return lead
    if (lead < 0x90) return this.#map(lead & 0x0f)
    if (lead < 0xa0) return this.#array(lead & 0x0f)
    if (lead < 0xc0) return this.#text(lead & 0x1f)
    if (lead >= 0xe0) return lead - 0x100
    return this.#tagged(lead)
  }

  // biome-ignore format: reads as a table
  #tagged(lead: number): unknown {
    switch (lead) {
      case 0xc0: return null
      case 0xc2: return false
      case 0xc3: return true
      case 0xc4: return this.#binary(this.#unsigned(1))
      case 0xc5: return this.#binary(this.#unsigned(2))
      case 0xc6: return this.#binary(this.#unsigned(4))
      case 0xca: return this.#bytes.readFloatBE(this.#take(4))
      case 0xcb: return this.#bytes.readDoubleBE(this.#take(8))
      case 0xcc: return this.#unsigned(1)
      case 0xcd: return this.#unsigned(2)
      case 0xce: return this.#unsigned(4)
      case 0xcf: return Number(this.#bytes.readBigUInt64BE(this.#take(8)))
      case 0xd0: return this.#bytes.readInt8(this.#take(1))
      case 0xd1: return this.#bytes.readInt16BE(this.#take(2))
      case 0xd2: return this.#bytes.readInt32BE(this.#take(4))
      case 0xd3: return Number(this.#bytes.readBigInt64BE(this.#take(8)))
      case 0xd9: return this.#text(this.#unsigned(1))
      case 0xda: return this.#text(this.#unsigned(2))
      case 0xdb: return this.#text(this.#unsigned(4))
      case 0xdc: return this.#array(this.#unsigned(2))
      case 0xdd: return this.#array(this.#unsigned(4))
      case 0xde: return this.#map(this.#unsigned(2))
      case 0xdf: return this.#map(this.#unsigned(4))
      default: throw new FrameFault(`type byte 0x${lead.toString(16)}`)
    }
  }

  #map(size: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let index = 0; index < size; index++) {
      const key = this.value()
      if (typeof key !== 'string' && typeof key !== 'number') {
        throw new FrameFault(`map key of type ${typeof key}`)
      }
      const value = this.value()
      if (key === '__proto__') setOwn(map, key, value)
      else map[key] = value
    }
    return map
  }

  #array(size: number): unknown[] {
    const array: unknown[] = []
    for (let index = 0; index < size; index++) array.push(this.value())
    return array
  }

  #text(size: number): string {
    const start = this.#take(size)
    return this.#bytes.toString('utf8', start, start + size)
  }

  #binary(size: number): Buffer {
    const start = this.#take(size)
    // A view would keep the whole frame alive for as long as the plugin keeps the body.
    return Buffer.from(this.#bytes.subarray(start, start + size))
  }

  #unsigned(width: 1 | 2 | 4): number {
    return this.#bytes.readUIntBE(this.#take(width), width)
  }

  #take(size: number): number {
    const start = this.#at
    this.#at += size
    return start
  }
}

/** As an assignment would not: that would replace the prototype. */
function setOwn(map: object, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
}
