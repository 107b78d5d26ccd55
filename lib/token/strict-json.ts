import { isUtf8 } from 'node:buffer'

interface StrictJsonOptions {
  /** Members of the root object whose numbers must be written as whole numbers: no `.`, no exponent. */
  readonly wholeNumbers?: readonly string[]
}

/**
 * Parses JSON that every parser reads alike. Throws `SyntaxError` for invalid UTF-8, for a member
 * name that stands twice in one object, and for anything `JSON.parse` refuses. Spec 1.5.
 */
export function parseStrictJson(
  input: Uint8Array | string,
  options: StrictJsonOptions = {},
): unknown {
  if (typeof input !== 'string' && !isUtf8(input)) throw new SyntaxError('invalid UTF-8')
  const text =
    typeof input === 'string'
      ? input
      : Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString()
  const value: unknown = JSON.parse(text)
  refuseAmbiguity(text, options.wholeNumbers ?? [])
  return value
}

/**
 * Walks text that `JSON.parse` has accepted, so it has only strings, brackets and numbers to tell
 * apart. One pass, no recursion: nesting depth costs heap and not stack.
 */
function refuseAmbiguity(text: string, wholeNumbers: readonly string[]): void {
  const open: (Set<string> | undefined)[] = []
  let name = ''
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push(new Set())
        break
      case 0x5b: // [
        open.push(undefined)
        break
      case 0x7d: // }
      case 0x5d: // ]
        open.pop()
        break
      case 0x22: {
        const end = endOfString(text, at)
        const names = open.at(-1)
        if (names !== undefined && isName(text, end)) {
          name = readName(text, at, end)
          if (names.has(name)) throw new SyntaxError('duplicate member name')
          names.add(name)
        }
        at = end
        break
      }
      case 0x2e: // .
      case 0x65: // e, also of true and false
      case 0x45: // E
        if (open.length === 1 && wholeNumbers.includes(name) && isDigit(text.charCodeAt(at - 1))) {
          throw new SyntaxError('not a whole number')
        }
    }
  }
}

/** Index of the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1
  return at
}

/** Whether the string that ends at `end` is a member name, which only a colon can follow. */
function isName(text: string, end: number): boolean {
  let at = end + 1
  while (text.charCodeAt(at) <= 0x20) at++
  return text.charCodeAt(at) === 0x3a
}

function readName(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
