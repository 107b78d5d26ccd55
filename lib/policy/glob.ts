/**
 * Compiles a pattern in which each `*` stands for any run of characters, the empty run included.
 * Everything else is literal: the match covers the whole text, heeds case, and `/` is not special.
 *
 * Time is linear in the text, whatever the text. Pieces between stars are sought from left to right
 * and never tried again: if the leftmost place for a piece does not leave room for the rest, no
 * later place does. That is why no regular expression is involved (W-17, W-18). Spec 9.2.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const [prefix = '', ...rest] = pattern.split('*')
  const suffix = rest.pop()
  if (suffix === undefined) return (text) => text === pattern
  const middle = rest.filter((piece) => piece !== '')
  const shortest = pattern.length - (rest.length + 1)

  if (shortest === 0) return () => true
  if (middle.length === 0 && suffix === '') return (text) => text.startsWith(prefix)
  if (middle.length === 0) return (text) => enclosed(text, prefix, suffix, shortest)
  return (text) =>
    enclosed(text, prefix, suffix, shortest) &&
    inOrder(text, middle, prefix.length, text.length - suffix.length)
}

/** The length keeps prefix and suffix from sharing characters: `ab*ba` does not match `aba`. */
function enclosed(text: string, prefix: string, suffix: string, shortest: number): boolean {
  return text.length >= shortest && text.startsWith(prefix) && text.endsWith(suffix)
}

/** Whether the pieces stand between `from` and `end`, one after the other. */
function inOrder(text: string, pieces: readonly string[], from: number, end: number): boolean {
  let at = from
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at <= end
}
