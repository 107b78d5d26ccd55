/** The text without this character at its end, however often it stands there. Linear, as `/x+$/` is not. */
export function withoutTrailing(text: string, char: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === char) end--
  return text.slice(0, end)
}
