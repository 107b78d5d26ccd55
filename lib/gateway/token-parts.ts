/** An Ed25519 signature in base64url. */
export const SIGNATURE_CHARS = 86

/** Shorter text holds no word that is looked for. */
const LEAST_CHARS = 8
const TYPE = /"typ"\s*:\s*"(?:application\\?\/)?om\+jwt"/i
const TOKEN_ID = /"jti"\s*:/

/** Whether base64url text ends with the header of a token of ours. It may be glued to what comes before it. */
export function isOurHeader(encoded: string): boolean {
  return isSaidIn(encoded, TYPE)
}

/** Whether base64url text holds claims that make a token single-use. It may be glued to what comes before it. */
export function isOurClaims(encoded: string): boolean {
  return isSaidIn(encoded, TOKEN_ID)
}

function isSaidIn(encoded: string, words: RegExp): boolean {
  if (encoded.length < LEAST_CHARS) return false
  return [0, 1, 2, 3].some((offset) => words.test(plainText(encoded.slice(offset))))
}

/** JSON with its `\u` escapes written out: some encoders write `+` as `\u002B`. */
function plainText(encoded: string): string {
  return Buffer.from(encoded, 'base64')
    .toString('latin1')
    .replace(/\\u([0-9a-f]{4})/gi, (_, unit: string) => String.fromCharCode(parseInt(unit, 16)))
}
