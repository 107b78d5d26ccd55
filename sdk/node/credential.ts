/** What proves the caller to the issuer, sent as `Bearer`; asked for anew with every token. */
export type Credential = () => string | Promise<string>

/**
 * A credential that a header can carry: one line of printable ASCII. Throws `TypeError`, which begins with
 * `field` and quotes nothing: the platform's own message would repeat the secret. RFC 9110, 5.5.
 */
export function checkCredential(text: unknown, field = 'credential'): string {
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(`${field}: must be a non-empty string`)
  }
  if (text.includes('-----BEGIN')) {
    throw new TypeError(`${field}: holds a key or certificate in PEM; expected the secret alone`)
  }
  if (/[\r\n]/.test(text)) {
    throw new TypeError(`${field}: must be one line; found a line break within it`)
  }
  if (!/^[\x20-\x7e]+$/.test(text)) {
    throw new TypeError(`${field}: must be printable ASCII; found another character`)
  }
  return text
}
