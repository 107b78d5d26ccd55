import { createHash } from 'node:crypto'

/** Numbers that look random and are the same for the same seed. */
export class Chance {
  readonly #seed: number
  #block = 0
  #rest = Buffer.alloc(0)

  constructor(seed: number) {
    this.#seed = seed
  }

  bytes(length: number): Buffer {
    while (this.#rest.length < length) {
      const next = createHash('sha512')
        .update(`${this.#seed} ${this.#block++}`)
        .digest()
      this.#rest = Buffer.concat([this.#rest, next])
    }
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }

  /** Up to 2^256; so little biased that nobody will notice. */
  below(limit: bigint): bigint {
    return BigInt(`0x${this.bytes(limit < 65_536n ? 8 : 40).toString('hex')}`) % limit
  }

  oneOf<T>(of: readonly T[]): T {
    return of[Number(this.below(BigInt(of.length)))] as T
  }
}
