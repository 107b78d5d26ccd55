import { isOurClaims, isOurHeader, SIGNATURE_CHARS } from './token-parts.ts'

/** The scheme, wherever it stands as a word of its own; in quotes it is a parameter of somebody else's. */
const SCHEME = /(?:^|[\s,;:=('"])oathmesh(?:$|[\s,;:=)])/i
/** What base64 and base64url are made of. */
const ENCODED_CHAR = /^[\w+/-]/
const ENCODED = /^[\w+/=-]+$/
const ENCODED_RUNS = /[\w+/-]+/g
/** What a careless writer puts into a token, and a lenient reader takes out again. */
const FILLING = /[\s"'\\]+/g
const PERCENT = /%([0-9a-f]{2})/gi
/** `Basic` wraps once; a proxy's own credential may wrap that. */
const WRAPPINGS = 2

/**
 * Whether a value of `Authorization` holds a token of ours, of whatever scheme and in whatever company, or our
 * scheme. A token counts as well where it is spread by white space, percent-encoded, in parts of other order, or
 * the user name or password of `Basic`. Such a value must not go on: an unspent token in an upstream's log is a
 * credential. Design 4.
 */
export function holdsOurToken(authorization: string): boolean {
  return SCHEME.test(authorization) || isHeldIn(authorization, WRAPPINGS)
}

function isHeldIn(text: string, wrappings: number): boolean {
  const decoded = text.replace(PERCENT, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  const readings = new Set([text, decoded, text.replace(FILLING, ''), decoded.replace(FILLING, '')])
  for (const reading of readings) {
    if (isCompactIn(reading) || isInPartsIn(reading)) return true
  }
  if (wrappings === 0) return false
  // What is wrapped has to be longer than a header alone.
  const wrapped = (decoded.match(ENCODED_RUNS) ?? []).filter((run) => run.length > SIGNATURE_CHARS)
  return wrapped.some((run) =>
    isHeldIn(Buffer.from(run, 'base64').toString('latin1'), wrappings - 1),
  )
}

/** Three parts with dots between them, of which the first is a header of ours. */
function isCompactIn(text: string): boolean {
  const parts = text.split('.')
  return parts.some((part, at) => {
    const [payload, signature] = [parts[at + 1], parts[at + 2]]
    if (payload === undefined || signature === undefined) return false
    if (!ENCODED.test(payload) || !ENCODED_CHAR.test(signature)) return false
    return isOurHeader(encodedEnd(part))
  })
}

/** All that makes a token, whatever stands between: JWS in JSON, or another separator. RFC 7515, 7.2. */
function isInPartsIn(text: string): boolean {
  const runs = text.match(ENCODED_RUNS) ?? []
  return (
    runs.some((run) => run.length >= SIGNATURE_CHARS) &&
    runs.some(isOurHeader) &&
    runs.some(isOurClaims)
  )
}

/** By hand: a regular expression would take quadratic time over what a caller wrote. */
function encodedEnd(part: string): string {
  let end = part.length
  while (part.charAt(end - 1) === '=') end -= 1
  let start = end
  while (start > 0 && ENCODED_CHAR.test(part.charAt(start - 1))) start -= 1
  return part.slice(start, end)
}
