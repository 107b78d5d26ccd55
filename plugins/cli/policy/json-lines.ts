/** One object or list that is open, and where in it the walk is. */
interface Open {
  readonly path: string
  readonly list: boolean
  index: number
  name: string | undefined
}

/**
 * The line, from 1, on which each value of a JSON text begins, by its path: `rules[0].match`. Of a
 * member it is the line of its name. `text` is valid JSON.
 */
export function jsonLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const open: Open[] = []
  let line = 1
  const value = () => {
    const path = pathAt(open.at(-1))
    if (!lines.has(path)) lines.set(path, line)
    return path
  }
  for (const [token] of text.matchAll(/\n|[{}[\],]|"(?:[^"\\]|\\.)*"|[^\s{}[\],":]+/g)) {
    const within = open.at(-1)
    if (token === '\n') line++
    else if (token === '{' || token === '[') {
      open.push({ path: value(), list: token === '[', index: 0, name: undefined })
    } else if (token === '}' || token === ']') open.pop()
    else if (token === ',') next(within)
    else if (within !== undefined && !within.list && within.name === undefined) {
      within.name = String(JSON.parse(token))
      value()
    } else value()
  }
  return lines
}

function pathAt(open: Open | undefined): string {
  if (open === undefined) return ''
  if (open.list) return `${open.path}[${open.index}]`
  const { path, name = '' } = open
  return path === '' ? name : `${path}.${name}`
}

function next(open: Open | undefined): void {
  if (open === undefined) return
  open.index++
  open.name = undefined
}
