import { createHash } from 'node:crypto'

/** Hex digits of the digest that tell two cut texts apart. */
const MARK_DIGITS = 16

/**
 * A text of at most `length` characters: a longer one is cut and ends in `~` and 16 hex digits of its
 * SHA-256, so that two texts never become one.
 */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text
  const mark = createHash('sha256').update(text).digest('hex').slice(0, MARK_DIGITS)
  // Half of a pair of surrogates is no character.
  const kept = text.slice(0, length - MARK_DIGITS - 1).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}~${mark}`
}
