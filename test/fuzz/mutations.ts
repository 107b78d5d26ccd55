import fc from 'fast-check'

type Mutation = (bytes: Buffer) => Buffer

/** No input grows beyond this, however often parts of it are repeated. */
const MAX_BYTES = 64 * 1024

/**
 * Bytes made of a seed by up to eight mutations: bits and bytes changed, parts cut, doubled, replaced by a word of
 * the dictionary or by a part of another seed. Shrinks to fewer mutations.
 */
export function mutationsOf(
  seeds: readonly Buffer[],
  dictionary: readonly string[],
): fc.Arbitrary<Buffer> {
  const seed = fc.constantFrom(...seeds)
  const words = fc.constantFrom(...dictionary.map((word) => Buffer.from(word, 'latin1')))
  const noise = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes))
  const piece = dictionary.length === 0 ? noise : fc.oneof(words, noise)
  const mutation = fc.oneof(
    place((bytes, at, bit) => {
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
      return bytes
    }),
    place((bytes, at, value) => {
      bytes[at] = value & 255
      return bytes
    }),
    place((bytes, at, length) => joined(bytes.subarray(0, at), bytes.subarray(at + (length & 31)))),
    place((bytes, at) => bytes.subarray(0, at)),
    place((bytes, at, times) => {
      const part = bytes.subarray(at, at + 1 + (times & 15))
      return joined(
        bytes.subarray(0, at),
        ...Array<Buffer>(1 + (times >> 6)).fill(part),
        bytes.subarray(at),
      )
    }),
    inserted(piece, 0),
    inserted(piece, 1),
    inserted(seed, 0),
    inserted(seed, 16),
  )
  return fc
    .tuple(seed, fc.array(mutation, { maxLength: 8 }))
    .map(([start, mutations]) => mutations.reduce((bytes, mutate) => mutate(bytes), copy(start)))
}

/** A change at some place, by a number of 0 to 1023 that says how. */
function place(change: (bytes: Buffer, at: number, how: number) => Buffer): fc.Arbitrary<Mutation> {
  return fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1023))
    .map(([where, how]) => (bytes) => {
      return change(copy(bytes), Math.floor(where * bytes.length), how)
    })
}

/** Another piece put in at some place, over so many bytes of what was there. */
function inserted(pieces: fc.Arbitrary<Buffer>, over: number): fc.Arbitrary<Mutation> {
  return fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), pieces)
    .map(([where, piece]) => (bytes) => {
      const at = Math.floor(where * bytes.length)
      return joined(bytes.subarray(0, at), piece, bytes.subarray(at + over))
    })
}

function joined(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts).subarray(0, MAX_BYTES)
}

function copy(bytes: Buffer): Buffer {
  return Buffer.from(bytes)
}
