/** Says on every pass that a gateway of ours has decided, and how. */
export const DECISION_HEADER = 'X-OathMesh-Decision'

const PREFIX = 'x-oathmesh-'
/**
 * What frames and addresses a request. A gateway that drops `Content-Length` after the body was read sends the body
 * as the beginning of a next request, which no plugin ever sees: run on a Kong 3.9.3. RFC 9112, 6; RFC 9110, 7.6.1.
 */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'host'])
/** Whatever cannot be part of a header's name separates names, quotes and semicolons included. RFC 9110, 5.6.2. */
const BETWEEN_NAMES = /[^A-Za-z0-9!#$%&'*+.^_`|~-]+/

/** The headers that are ours to set: nobody else's value under these names reaches an upstream. */
export interface OurHeaders {
  /** Whether an upstream could read a header of this name as one of ours. */
  has(name: string): boolean
  /** Whether the values of `Connection` name one of ours, or what frames the request. */
  namedIn(connection: readonly string[]): boolean
}

/**
 * The list for one entity: `X-OathMesh-*`, `Authorization` and `more`, the headers by which this gateway tells
 * the upstream whose account a call is on. Letter case does not count, and `_` is read as `-`, as upstreams
 * behind CGI do. Design 4.
 */
export function ourHeaders(more: readonly string[] = []): OurHeaders {
  const names = new Set(['authorization', ...more.map(folded)])
  const has = (name: string) => {
    const plain = folded(name)
    return plain.startsWith(PREFIX) || names.has(plain)
  }
  return {
    has,
    namedIn: (connection) =>
      connection.some((value) =>
        value.split(BETWEEN_NAMES).some((name) => has(name) || FRAMING.has(folded(name))),
      ),
  }
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
