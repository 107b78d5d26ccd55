/** The scheme, wherever it stands as a word of its own; in quotes it is a parameter of somebody else's. */
const SCHEME = /(?:^|[\s,;:=('"])oathmesh(?:$|[\s,;:=)])/i
/** What base64 and base64url are made of. */
const ENCODED_CHAR = /^[\w+/-]/
const ENCODED = /^[\w+/=-]+$/
const TYPE = /"typ"\s*:\s*"(?:application\\?\/)?om\+jwt"/i

/**
 * Whether a value of `Authorization` holds a token of ours, of whatever scheme and in whatever company, or our
 * scheme. Such a value must not go on: an unspent token in an upstream's log is a credential. Design 4.
 */
export function holdsOurToken(authorization: string): boolean {
  if (SCHEME.test(authorization)) return true
  const parts = authorization.split('.')
  return parts.some((part, at) => {
    const [payload, signature] = [parts[at + 1], parts[at + 2]]
    if (payload === undefined || signature === undefined) return false
    if (!ENCODED.test(payload) || !ENCODED_CHAR.test(signature)) return false
    return isOurHeader(encodedEnd(part))
  })
}

/** By hand: a regular expression would take quadratic time over what a caller wrote. */
function encodedEnd(part: string): string {
  let end = part.length
  while (part.charAt(end - 1) === '=') end -= 1
  let start = end
  while (start > 0 && ENCODED_CHAR.test(part.charAt(start - 1))) start -= 1
  return part.slice(start, end)
}

/** Whether base64url text ends with the header of a token of ours. It may be glued to what comes before it. */
function isOurHeader(encoded: string): boolean {
  return [0, 1, 2, 3].some((offset) => TYPE.test(plainText(encoded.slice(offset))))
}

/** JSON with its `\u` escapes written out: some encoders write `+` as `\u002B`. */
function plainText(encoded: string): string {
  return Buffer.from(encoded, 'base64')
    .toString('latin1')
    .replace(/\\u([0-9a-f]{4})/gi, (_, unit: string) => String.fromCharCode(parseInt(unit, 16)))
}
