/** What some reader drops: accents, for a forgiving database, and characters that nobody sees. */
const DROPPED = /[\p{M}\p{Cf}\p{DI}]/gu
/** What folding leaves alone. Most segments are such. */
const FOLDED = /^[a-z0-9_-]*$/

/** A segment as a reader sees it that takes compatible characters as one and drops what nobody sees. */
export function compatibleForm(segment: string): string {
  return segment.normalize('NFKC').replace(DROPPED, '')
}

/**
 * Folds a segment, so that what is equal to some less exact reader is equal: without case (Express,
 * IIS), compatible characters as one (full width, the Kelvin sign), `+` as a space (form decoders),
 * without accents and invisible characters.
 */
export function foldSegment(segment: string): string {
  if (FOLDED.test(segment)) return segment
  return segment
    .normalize('NFKD')
    .replace(DROPPED, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('+', ' ')
    .trim()
}

/**
 * Whether some reader may take one folded segment for the other: they are equal, or one is the other
 * up to a dot. Rails and Spring take `.json` off, Windows dots at the end; a file server may add
 * `.html`. `a.json` is not like `a.pdf`.
 */
export function isLike(one: string, other: string): boolean {
  return one === other || isUpToDot(one, other) || isUpToDot(other, one)
}

function isUpToDot(short: string, long: string): boolean {
  return short !== '' && long.startsWith(short) && /^ *\./.test(long.slice(short.length))
}
