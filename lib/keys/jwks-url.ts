import type { KeySettings, TrustedIssuer } from './key-settings.ts'

/**
 * Scheme, authority without user info, path. Matched before the URL parser sees the text, because
 * the parser repairs what it should refuse: it drops tabs, an empty "?" or "@", and turns "\" into "/".
 */
const PLAIN_URL = /^https?:\/\/[^/?#@\\]+(?:\/[^?#\\]*)?$/i
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/
const WELL_KNOWN = '/.well-known/jwks.json'

/**
 * Where the keys of an issuer are: `jwksUri`, or `{issuer}/.well-known/jwks.json` with the path of
 * the issuer kept and its trailing slashes removed. Spec 5.1, C-13.
 *
 * Throws `TypeError` that names the field below `field` for anything but a plain https URL; http
 * needs `keys.allow_http`.
 */
export function jwksUrlOf(
  { issuer, jwksUri }: TrustedIssuer,
  { allowHttp }: Pick<KeySettings, 'allowHttp'>,
  field = 'issuers[]',
): URL {
  if (jwksUri !== undefined) return plainUrl(jwksUri, allowHttp, `${field}.jwks_uri`)
  const url = plainUrl(issuer, allowHttp, `${field}.issuer`)
  url.pathname = withoutTrailingSlashes(url.pathname) + WELL_KNOWN
  return url
}

function plainUrl(text: string, allowHttp: boolean, field: string): URL {
  if (!PRINTABLE_ASCII.test(text) || !PLAIN_URL.test(text)) {
    throw new TypeError(
      `${field}: must be an http(s) URL in printable ASCII without user info, query or fragment`,
    )
  }
  if (!URL.canParse(text)) throw new TypeError(`${field}: is not a URL`)
  const url = new URL(text)
  if (url.protocol !== 'https:' && !allowHttp) {
    throw new TypeError(`${field}: must be https (http needs keys.allow_http)`)
  }
  return url
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length
  while (path.charCodeAt(end - 1) === 0x2f) end--
  return path.slice(0, end)
}
