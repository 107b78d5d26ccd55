/** The classes of Lua patterns, in ASCII as in the C locale that Kong runs in. */
const CLASSES: Readonly<Record<string, string>> = {
  a: 'A-Za-z',
  c: '\\x00-\\x1f\\x7f',
  d: '0-9',
  l: 'a-z',
  s: '\\t-\\r ',
  u: 'A-Z',
  w: 'A-Za-z0-9',
  x: '0-9A-Fa-f',
}

/**
 * The regular expression of a pattern of Lua 5.1 without captures, `%b` and `%f`. Throws `TypeError`
 * for one that has them.
 */
export function luaPattern(pattern: string): RegExp {
  const source: string[] = []
  const anchored = pattern.startsWith('^')
  let at = anchored ? 1 : 0
  while (at < pattern.length) {
    if (pattern[at] === '$' && at === pattern.length - 1) {
      source.push('$')
      break
    }
    const [set, next] = pattern[at] === '[' ? setAt(pattern, at) : singleAt(pattern, at)
    const repeats = { '*': '*', '+': '+', '-': '*?', '?': '?' }[pattern[next] ?? '']
    source.push(set, repeats ?? '')
    at = next + (repeats === undefined ? 0 : 1)
  }
  return new RegExp(`${anchored ? '^' : ''}${source.join('')}`, 's')
}

function singleAt(pattern: string, at: number): readonly [string, number] {
  const char = pattern[at] ?? ''
  if (char === '.') return ['.', at + 1]
  if (char !== '%') {
    if (char === '(' || char === ')') throw new TypeError(`no captures here: ${pattern}`)
    return [`[${literal(char)}]`, at + 1]
  }
  return [`[${classOf(pattern[at + 1] ?? '', pattern)}]`, at + 2]
}

/** A set in brackets. `]` may stand first; an escape is never the end of a range. */
function setAt(pattern: string, begin: number): readonly [string, number] {
  let at = begin + 1
  const negated = pattern[at] === '^'
  if (negated) at += 1
  const members: string[] = []
  for (const first = at; pattern[at] !== ']' || at === first; ) {
    const char = pattern[at]
    if (char === undefined) throw new TypeError(`a set without an end: ${pattern}`)
    const last = pattern[at + 2]
    if (char === '%') {
      members.push(classOf(pattern[at + 1] ?? '', pattern))
      at += 2
    } else if (pattern[at + 1] === '-' && last !== undefined && last !== ']') {
      members.push(`${literal(char)}-${literal(last)}`)
      at += 3
    } else {
      members.push(literal(char))
      at += 1
    }
  }
  return [`[${negated ? '^' : ''}${members.join('')}]`, at + 1]
}

function classOf(char: string, pattern: string): string {
  const known = CLASSES[char]
  if (known !== undefined) return known
  if (/[A-Za-z0-9]|^$/.test(char)) throw new TypeError(`no %${char} here: ${pattern}`)
  return literal(char)
}

function literal(char: string): string {
  return char.replace(/[\\\]^[-]/, '\\$&')
}
