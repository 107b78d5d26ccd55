import { withoutTrailing } from '../../lib/without-trailing.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * The URL of one of an issuer's routes, its path kept. Throws `TypeError` that begins with `field` for
 * anything but https; http is accepted on loopback, where nobody is on the way to read the credential.
 */
export function issuerRoute(issuer: string, route: string, field = 'issuer'): URL {
  if (!URL.canParse(issuer)) throw new TypeError(`${field}: is not a URL`)
  const url = new URL(issuer)
  const local = url.protocol === 'http:' && LOOPBACK.test(url.hostname)
  if (url.protocol !== 'https:' && !local) throw new TypeError(`${field}: must be https`)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`${field}: must be without user info, query and fragment`)
  }
  url.pathname = withoutTrailing(url.pathname, '/') + route
  return url
}
