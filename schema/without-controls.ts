const ACTIVE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A text on one line that acts on nobody who displays it: every control and invisible character is spelled `\uXXXX`.
 * The same as the core's `escapeControls`: the schemas take no code from the core.
 */
export function withoutControls(text: string): string {
  return text.replace(ACTIVE, (char) => {
    const units = Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
  })
}
