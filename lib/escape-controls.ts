// Controls, invisible format characters (bidi overrides, zero-width), line and paragraph separators:
// what terminals, log viewers and line readers act upon.
const ACTIVE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** Nearly every text, and quickly known. */
const PLAIN = /^[ -~]*$/

/** Text in which no character acts on whoever displays it: each is spelled `\uXXXX` as in JSON. */
export function escapeControls(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(ACTIVE, (char) => {
    const units = Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
  })
}
