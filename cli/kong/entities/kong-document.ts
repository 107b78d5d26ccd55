import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { KONG_YAML } from '../../../kong/kong-yaml.ts'
import { errorMessage } from '../../../lib/error-message.ts'
import { InputError } from '../../terminal/input-error.ts'

/** Where something is in a file: keys and indexes from the root. */
export type Path = readonly (string | number)[]

/** A table of a file: a YAML or JSON mapping. */
export type Table = Readonly<Record<string, unknown>>

/** A Kong declarative file or decK dump as data, with the line each part is on. JSON is YAML here. */
export class KongDocument {
  readonly root: Table
  readonly #lines = new LineCounter()
  readonly #document: Document

  /** Throws `InputError` with line and column for text that is no such file. */
  constructor(text: string) {
    this.#document = parseDocument(text, {
      ...KONG_YAML,
      lineCounter: this.#lines,
      prettyErrors: false,
    })
    const [fault] = this.#document.errors
    if (fault !== undefined) {
      const { line, col } = this.#lines.linePos(fault.pos[0])
      const several = fault.code === 'MULTIPLE_DOCS'
      throw new InputError(`${line}:${col}: ${several ? 'more than one document' : fault.message}`)
    }
    const root = plain(this.#document)
    if (!isTable(root)) throw new InputError('1:1: not a Kong configuration: no mapping at the top')
    // Without a sign that it is one, "nothing found" would be a lie about some other file.
    if (root['_format_version'] === undefined) {
      throw new InputError('1:1: not a Kong configuration: no _format_version')
    }
    this.root = root
  }

  /** The line, from 1, of the part at this path; of what surrounds it where an alias stands for it. */
  lineOf(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return this.#lines.linePos(node.range[0]).line
    }
    return 1
  }

  /** The tables in a list. Throws `InputError` when it is something else: skipped is not checked. */
  tablesIn(table: Table, path: Path, member: string): readonly (readonly [Table, Path])[] {
    return this.#list(table, path, member).map((entry, at) => {
      const place = [...path, member, at]
      if (!isTable(entry)) throw this.#fault(place, 'must be a mapping')
      return [entry, place]
    })
  }

  /** The strings in a list, as `tablesIn`. */
  stringsIn(table: Table, path: Path, member: string): readonly string[] {
    return this.#list(table, path, member).map((entry, at) => {
      if (typeof entry !== 'string') throw this.#fault([...path, member, at], 'must be a string')
      return entry
    })
  }

  /** The table at a member; empty when there is none. */
  tableAt(table: Table, path: Path, member: string): Table {
    const value = table[member] ?? {}
    if (!isTable(value)) throw this.#fault([...path, member], 'must be a mapping')
    return value
  }

  /** The string at a member. */
  stringAt(table: Table, path: Path, member: string): string {
    const value = table[member]
    if (typeof value !== 'string') throw this.#fault([...path, member], 'must be a string')
    return value
  }

  #list(table: Table, path: Path, member: string): readonly unknown[] {
    const value = table[member] ?? []
    // Lua cannot tell an empty list from an empty mapping, so Kong's own exports do not either.
    if (isTable(value) && Object.keys(value).length === 0) return []
    if (!Array.isArray(value)) throw this.#fault([...path, member], 'must be a list')
    return value
  }

  #fault(path: Path, problem: string): InputError {
    return new InputError(`${this.lineOf(path)}:1: ${pathText(path)} ${problem}`)
  }
}

/** A path as a reader writes it: `services[0].plugins[1]`. */
export function pathText(path: Path): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('')
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 })
  } catch (cause) {
    throw new InputError(`1:1: ${errorMessage(cause)}`, { cause })
  }
}
