/** A number in [0, 1), for jitter only. Nothing secret is ever drawn from it. */
export type Random = () => number

export const systemRandom: Random = Math.random
