import { extname } from 'node:path'
import { escapeControls } from '../../lib/index.ts'
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
  /** By the paths as faults spell them. */
  readonly #lines: ReadonlyMap<string, number>

  constructor(file: string, text: string) {
    this.#json = extname(file) === '.json' ? jsonLines(text) : undefined
    const lines = [...(this.#json?.lines ?? [])]
    this.#lines = new Map(lines.map(([path, line]) => [escapeControls(path), line]))
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
    for (let of = path; of !== ''; of = parentOf(of)) {
      const line = this.#lines.get(of)
      if (line !== undefined) return line
    }
    return this.#lines.get('')
  }
}

/** Shorter in any case: a member may be called whatever stands between others. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0))
}
