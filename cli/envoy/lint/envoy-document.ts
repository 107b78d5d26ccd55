import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { InputError } from '../../terminal/input-error.ts'

type Key = string | number

/** A file of Envoy's configuration, and where things are in it. */
export class EnvoyDocument {
  readonly root: Part
  readonly #document: Document
  readonly #lines = new LineCounter()

  /** Throws `InputError` for text that is no mapping. */
  constructor(file: string, text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    const [fault] = this.#document.errors
    if (fault !== undefined) {
      const { line } = this.#lines.linePos(fault.pos[0])
      throw new InputError(`${file}:${line}: ${fault.message}`)
    }
    const value: unknown = this.#document.toJS()
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError(`${file}: is no configuration of Envoy: must be a mapping`)
    }
    this.root = new Part(value, [])
  }

  /** The line of a part, or of what it is in where it has none of its own. */
  lineOf(path: readonly Key[]): number {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return this.#lines.linePos(node.range[0]).line
    }
    return 1
  }
}

/** One value of the document with its place. What is not there is a part without a value. */
export class Part {
  readonly value: unknown
  readonly path: readonly Key[]

  constructor(value: unknown, path: readonly Key[]) {
    this.value = value
    this.path = path
  }

  get exists(): boolean {
    return this.value !== undefined && this.value !== null
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined
  }

  /** A member of a member …; Envoy takes `camelCase` for `snake_case` as well. */
  get(...names: readonly Key[]): Part {
    return names.reduce<Part>((part, name) => part.#member(name), this)
  }

  get items(): readonly Part[] {
    const { value, path } = this
    return Array.isArray(value) ? value.map((item, at) => new Part(item, [...path, at])) : []
  }

  /** Whether it holds a message of this type, such as `ext_authz.v3.ExtAuthz`. */
  isOf(type: string): boolean {
    return this.get('@type').text?.endsWith(`.${type}`) ?? false
  }

  #member(name: Key): Part {
    const { value, path } = this
    if (typeof value !== 'object' || value === null) return new Part(undefined, [...path, name])
    const camel = String(name).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const own = Object.hasOwn(value, name) ? name : camel
    const member = Object.hasOwn(value, own) ? (value as Record<Key, unknown>)[own] : undefined
    return new Part(member, [...path, own])
  }
}
