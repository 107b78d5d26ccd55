import { extname } from 'node:path'
import { jsonLines } from './json-lines.ts'

/** Where a fault is and what it is. */
export interface Placed {
  /** Within the document, such as `rules[0].match`; absent where the whole text is meant. */
  readonly path?: string
  readonly line?: number
  readonly message: string
}

/** Finds the lines of phrases that begin with a path, in the text of the file they are about. */
export class Places {
  readonly #text: string
  readonly #json: boolean
  #lines: ReadonlyMap<string, number> | undefined

  /** Lines are known of JSON alone: what Pkl evaluates to has other lines than its source. */
  constructor(file: string, text: string) {
    this.#text = text
    this.#json = extname(file) === '.json'
  }

  of(phrase: string): Placed {
    const [, path, rest] = /^([A-Za-z$][^\s:]*): (.*)$/s.exec(phrase) ?? []
    if (path !== undefined && rest !== undefined) return this.at(path, rest)
    const position = /at position (\d+)/.exec(phrase)?.[1]
    if (!this.#json || position === undefined) return { message: phrase }
    return { line: this.#text.slice(0, Number(position)).split('\n').length, message: phrase }
  }

  at(path: string, message: string): Placed {
    const line = this.#json ? this.#lineOf(path) : undefined
    return { path, ...(line !== undefined && { line }), message }
  }

  /** A member that is missing has no line; then it is the line of what it is missing from. */
  #lineOf(path: string): number | undefined {
    this.#lines ??= linesOf(this.#text)
    for (let of = path; of !== ''; of = of.replace(/(?:^|\.)[^.[]+$|\[\d+\]$/, '')) {
      const line = this.#lines.get(of)
      if (line !== undefined) return line
    }
    return this.#lines.get('')
  }
}

function linesOf(text: string): ReadonlyMap<string, number> {
  try {
    JSON.parse(text)
  } catch {
    return new Map()
  }
  return jsonLines(text)
}
