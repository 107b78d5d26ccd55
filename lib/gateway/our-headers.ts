/** Says on every pass that a gateway of ours has decided, and how. */
export const DECISION_HEADER = 'X-OathMesh-Decision'

const PREFIX = 'x-oathmesh-'
/** Whatever cannot be part of a header's name separates names, quotes and semicolons included. RFC 9110, 5.6.2. */
const BETWEEN_NAMES = /[^A-Za-z0-9!#$%&'*+.^_`|~-]+/

/** The headers that are ours to set: nobody else's value under these names reaches an upstream. */
export interface OurHeaders {
  /** Whether an upstream could read a header of this name as one of ours. */
  has(name: string): boolean
  /** Whether the values of `Connection` name one of ours, or `Authorization`. */
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
    namedIn: (connection) => connection.some((value) => value.split(BETWEEN_NAMES).some(has)),
  }
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
