/** Something that reads what strangers send, and what must hold whatever they send. */
export interface FuzzTarget {
  /** Of the folder of its corpus as well. */
  readonly name: string
  /** Inputs of every kind that it knows, good and bad. */
  readonly seeds: readonly Buffer[]
  /** Words that mean something to it. */
  readonly dictionary?: readonly string[]
  /** Throws, or rejects, where something does not hold. */
  check(input: Buffer): void | Promise<void>
}

/** A fault that a reader states is what is expected of it; every other error is a finding. */
export function unlessStated<T>(read: () => T, ...stated: readonly ErrorClass[]): T | undefined {
  try {
    return read()
  } catch (cause) {
    if (stated.some((kind) => cause instanceof kind)) return undefined
    throw cause
  }
}

type ErrorClass = abstract new (...args: never[]) => Error

/** Throws where what was claimed does not hold. */
export function holds(claim: boolean, what: string): asserts claim {
  if (!claim) throw new Error(what)
}

/** A path, a colon and words, on one line, and nothing that acts on whoever displays it. */
export const FAULT = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+: [^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u

export function holdsFault(fault: string): void {
  holds(FAULT.test(fault), `no fault: ${fault}`)
}

export const text = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
