/** A JSON object whose members have not been looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads members of one JSON object by type. `null` counts as absent, as does the empty string, so
 * that "missing" means one thing everywhere. Each reader throws `TypeError` for another type.
 * Spec 1.3.
 */
export class Members {
  readonly #object: JsonObject

  constructor(value: unknown) {
    if (!isJsonObject(value)) throw new TypeError('not an object')
    this.#object = value
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name)
  }

  string(name: string): string | undefined {
    const value = this.#read(name)
    if (value === undefined || value === '') return undefined
    if (typeof value !== 'string') throw new TypeError(`${name} is not a string`)
    return value
  }

  /** Unix seconds; 0 counts as absent. */
  time(name: string): number | undefined {
    const value = this.#read(name)
    if (value === undefined || value === 0) return undefined
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw new TypeError(`${name} is not a whole number of seconds`)
    }
    return value
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.#read(name)
    if (value === undefined) return undefined
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw new TypeError(`${name} is not a list of strings`)
    }
    return value
  }

  object(name: string): Members | undefined {
    const value = this.#read(name)
    return value === undefined ? undefined : new Members(value)
  }

  // Own members only: a payload cannot borrow "constructor" or bring a prototype along.
  #read(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined
  }
}
