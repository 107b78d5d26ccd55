export interface JsonLines {
  /** The line, from 1, on which each value begins, by its path: `rules[0].match`. */
  readonly lines: ReadonlyMap<string, number>
  /** The first member that stands twice in one object. */
  readonly repeated?: { readonly path: string; readonly line: number }
  /** The line from which on the text is no JSON. */
  readonly broken?: number
}

/** One object or list that is open, and where in it the walk is. */
interface Open {
  readonly path: string
  readonly list: boolean
  index: number
  name: string
}

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end'

// Space, then a mark, a string, or a number or word. RFC 8259.
const TOKEN =
  /([ \t\r\n]*)(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/uy

/** Numbers the lines of a JSON text, as far as it is JSON. A member begins where its name does. */
export function jsonLines(text: string): JsonLines {
  const walk = new Walk()
  const token = new RegExp(TOKEN)
  let at = 0
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [, space = '', mark, string, literal] = found
    walk.line += space.split('\n').length - 1
    if (!(mark === undefined ? walk.scalar(string, literal) : walk.mark(mark))) break
    at = token.lastIndex
  }
  const rest = text.slice(at)
  const skipped = /^[ \t\r\n]*/.exec(rest)?.[0] ?? ''
  if (walk.complete && skipped === rest) return walk.result()
  const broken = text.slice(0, at + skipped.length).split('\n').length
  return { ...walk.result(), broken }
}

/** A walk over tokens; each says whether it may stand where it does. */
class Walk {
  line = 1
  readonly #lines = new Map<string, number>()
  readonly #open: Open[] = []
  #repeated: JsonLines['repeated']
  #expected: Expected = 'value'

  get complete(): boolean {
    return this.#open.length === 0 && this.#expected === 'comma or end'
  }

  result(): JsonLines {
    return { lines: this.#lines, ...(this.#repeated && { repeated: this.#repeated }) }
  }

  mark(mark: string): boolean {
    switch (mark) {
      case '{':
      case '[':
        return this.#begin(mark === '[')
      case '}':
      case ']':
        return this.#end(mark === ']')
      case ',':
        return this.#comma()
      default:
        if (this.#expected !== 'colon') return false
        this.#expected = 'value'
        return true
    }
  }

  scalar(string: string | undefined, literal: string | undefined): boolean {
    const within = this.#open.at(-1)
    if (string !== undefined && within !== undefined && this.#expected.startsWith('name')) {
      within.name = String(JSON.parse(string))
      const path = this.#path()
      if (this.#lines.has(path)) this.#repeated ??= { path, line: this.line }
      this.#note(path)
      this.#expected = 'colon'
      return true
    }
    if (!this.#expected.startsWith('value') || (string ?? literal) === undefined) return false
    this.#note(this.#path())
    this.#expected = 'comma or end'
    return true
  }

  #begin(list: boolean): boolean {
    if (!this.#expected.startsWith('value')) return false
    const path = this.#path()
    this.#note(path)
    this.#open.push({ path, list, index: 0, name: '' })
    this.#expected = list ? 'value or end' : 'name or end'
    return true
  }

  #end(list: boolean): boolean {
    if (!this.#expected.endsWith('or end') || this.#open.pop()?.list !== list) return false
    this.#expected = 'comma or end'
    return true
  }

  #comma(): boolean {
    const within = this.#open.at(-1)
    if (this.#expected !== 'comma or end' || within === undefined) return false
    within.index++
    this.#expected = within.list ? 'value' : 'name'
    return true
  }

  #note(path: string): void {
    if (!this.#lines.has(path)) this.#lines.set(path, this.line)
  }

  #path(): string {
    const within = this.#open.at(-1)
    if (within === undefined) return ''
    const { path, list, index, name } = within
    if (list) return `${path}[${index}]`
    return path === '' ? name : `${path}.${name}`
  }
}
