import { createHash } from 'node:crypto'
import * as curve from '../reference-ed25519.ts'
import { Chance } from './chance.ts'

/** A signature of some kind over the signing input of a JWS, and the key it is said to be of. */
export interface Sample {
  readonly kind: string
  readonly key: Uint8Array
  /** `header.payload`, both base64url. */
  readonly message: string
  readonly signature: Uint8Array
}

const P = 2n ** 255n - 19n
const HEADER = Buffer.from('{"alg":"EdDSA","typ":"om+jwt"}').toString('base64url')
const EIGHTH = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
const SPECIAL = [
  0n,
  1n,
  2n,
  curve.L - 1n,
  curve.L,
  curve.L + 1n,
  P - 1n,
  P,
  P + 1n,
  2n ** 256n - 1n,
]

interface Signer {
  readonly scalar: bigint
  readonly key: Uint8Array
}

/**
 * Signatures as RFC 8032 makes them, and every way known to us of making almost one: it signs with the private
 * scalar itself, so it can choose R. The same seed gives the same samples.
 */
export class Signatures {
  readonly #chance: Chance
  readonly #torsion: readonly curve.Point[]
  readonly #signers: readonly Signer[]
  /** Scalars with their points, moved by each point of small order. */
  readonly #nonces: readonly { readonly scalar: bigint; readonly moved: readonly Uint8Array[] }[]
  readonly #kinds = Object.entries(this.#makers())

  constructor(seed: number, size = 8) {
    this.#chance = new Chance(seed)
    const eighth = curve.decodePoint(Buffer.from(EIGHTH, 'hex')) as curve.Point
    this.#torsion = Array.from({ length: 8 }, (_, at) => curve.multiply(eighth, BigInt(at)))
    const scalars = Array.from({ length: size }, () => this.#chance.below(curve.L))
    this.#signers = scalars.flatMap((scalar, at) => {
      const point = curve.multiply(curve.BASE, scalar)
      // Every other signer has a key with a part of small order as well.
      const moved = curve.add(point, this.#torsion[1 + (at % 7)] as curve.Point)
      return [point, moved].map((each) => ({ scalar, key: curve.encodePoint(each) }))
    })
    this.#nonces = Array.from({ length: size }, () => {
      const scalar = this.#chance.below(curve.L)
      const point = curve.multiply(curve.BASE, scalar)
      return { scalar, moved: this.#torsion.map((by) => curve.encodePoint(curve.add(point, by))) }
    })
  }

  next(): Sample {
    const [kind, make] = this.#chance.oneOf(this.#kinds)
    const message = `${HEADER}.${this.#chance.bytes(24).toString('base64url')}`
    const { key, scalar } = this.#chance.oneOf(this.#signers)
    return { kind, key, message, ...make({ key, scalar }, message) }
  }

  #makers(): Record<
    string,
    (signer: Signer, message: string) => Partial<Sample> & { signature: Uint8Array }
  > {
    const { oneOf, bytes, below } = bound(() => this.#chance)
    const plain = (signer: Signer, message: string) => this.#sign(signer, message, 0)
    const scalarOf = (signature: Uint8Array) => curve.integer(signature.subarray(32))
    const withS = (signature: Uint8Array, s: bigint) =>
      Buffer.concat([signature.subarray(0, 32), curve.encodeInteger(BigInt.asUintN(256, s))])
    return {
      plain: (...of) => ({ signature: plain(...of) }),
      'a bit flipped': (...of) => ({ signature: flip(plain(...of), Number(below(512n))) }),
      'R moved by a point of small order': (...of) => ({
        signature: this.#sign(...of, 1 + Number(below(7n))),
      }),
      'R of small order, S fits': (signer, message) => ({
        signature: this.#complete(oneOf(this.#smallEncodings()), 0n, signer, message),
      }),
      'R with a y of the prime or above': (signer, message) => {
        const y = P + below(19n)
        const r = curve.encodeInteger(y | (below(2n) << 255n))
        return { signature: this.#complete(r, 0n, signer, message) }
      },
      'S and multiples of L': (...of) => {
        const signature = plain(...of)
        return { signature: withS(signature, scalarOf(signature) + curve.L * (1n + below(15n))) }
      },
      'S negated': (...of) => {
        const signature = plain(...of)
        return { signature: withS(signature, curve.L - scalarOf(signature)) }
      },
      'S of a special value': (...of) => ({ signature: withS(plain(...of), oneOf(SPECIAL)) }),
      'R of a special value': (signer, message) => ({
        signature: this.#complete(
          curve.encodeInteger(oneOf(SPECIAL)),
          below(curve.L),
          signer,
          message,
        ),
      }),
      'high bits of S': (...of) => {
        const signature = Buffer.from(plain(...of))
        signature[63] = (signature[63] ?? 0) | (16 << Number(below(4n)))
        return { signature }
      },
      'another message': (signer, message) => ({
        signature: plain(signer, `${message.slice(0, -4)}AAAA`),
      }),
      'another key': (_, message) => ({ signature: plain(oneOf(this.#signers), message) }),
      'another length': (...of) => ({
        signature: Buffer.concat([plain(...of), bytes(8)]).subarray(0, 56 + Number(below(16n))),
      }),
      'halves exchanged': (...of) => {
        const signature = plain(...of)
        return { signature: Buffer.concat([signature.subarray(32), signature.subarray(0, 32)]) }
      },
      'random bytes': () => ({ signature: bytes(64) }),
      'a bit of the key flipped': (signer, message) => ({
        key: flip(signer.key, Number(below(256n))),
        signature: plain(signer, message),
      }),
    }
  }

  /** R is the nonce's point, moved by the point of small order of that number. */
  #sign(signer: Signer, message: string, moved: number): Uint8Array {
    const nonce = this.#chance.oneOf(this.#nonces)
    return this.#complete(nonce.moved[moved] as Uint8Array, nonce.scalar, signer, message)
  }

  #complete(r: Uint8Array, nonce: bigint, { key, scalar }: Signer, message: string): Uint8Array {
    const challenge = curve.challenge(r, key, Buffer.from(message))
    return Buffer.concat([r, curve.encodeInteger((nonce + challenge * scalar) % curve.L)])
  }

  /** All fourteen: both signs, and y + p where it fits. */
  #smallEncodings(): readonly Uint8Array[] {
    const ys = this.#torsion.map((each) =>
      BigInt.asUintN(255, curve.integer(curve.encodePoint(each))),
    )
    return [...new Set(ys)]
      .flatMap((y) => (y < 19n ? [y, y + P] : [y]))
      .flatMap((y) => [y, y | (1n << 255n)].map(curve.encodeInteger))
  }
}

function bound(chance: () => Chance) {
  return {
    oneOf: <T>(of: readonly T[]) => chance().oneOf(of),
    bytes: (length: number) => chance().bytes(length),
    below: (limit: bigint) => chance().below(limit),
  }
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

/** For a failure to be told. */
export function describeSample({ kind, key, message, signature }: Sample): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return `${kind}: key ${hex(key)}, message ${message}, signature ${hex(signature)}, ${createHash('sha256').update(signature).digest('hex').slice(0, 8)}`
}
