import { extname } from 'node:path'
import { type JsonLines, jsonLines } from './json-lines.ts'

/** Where a fault is and what it is. */
export interface Placed {
  /** Within the document, such as `rules[0].match`; absent where the whole text is meant. */
  readonly path?: string
  readonly line?: number
  readonly message: string
}

/** Finds the lines of faults in the text of the file they are about. */
export class Places {
  /** Known of JSON alone: what Pkl evaluates to has other lines than its source. */
  readonly #json: JsonLines | undefined

  constructor(file: string, text: string) {
    this.#json = extname(file) === '.json' ? jsonLines(text) : undefined
  }

  /** Places a phrase that begins with a path, or one about the text as such. */
  of(phrase: string): Placed {
    const [, path, rest] = /^([A-Za-z$][^\s:]*): (.*)$/s.exec(phrase) ?? []
    if (path !== undefined && rest !== undefined) return this.at(path, rest)
    const { broken, repeated } = this.#json ?? {}
    return { ...(broken === undefined ? repeated : { line: broken }), message: phrase }
  }

  at(path: string, message: string): Placed {
    const line = this.#lineOf(path)
    return { path, ...(line !== undefined && { line }), message }
  }

  /** A member that is missing has no line; then it is the line of what it is missing from. */
  #lineOf(path: string): number | undefined {
    for (let of = path; of !== ''; of = of.replace(/(?:^|\.)[^.[]+$|\[\d+\]$/, '')) {
      const line = this.#json?.lines.get(of)
      if (line !== undefined) return line
    }
    return this.#json?.lines.get('')
  }
}
