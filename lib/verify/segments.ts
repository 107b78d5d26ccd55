/** The three parts of a JWS in compact serialization, still encoded. RFC 7515, 3.1. */
export interface Segments {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** What was signed: the first two parts and the dot between them, exactly as received. */
  readonly signingInput: string
}

/** Takes a token apart, or gives `undefined` unless it has exactly three parts. */
export function splitToken(token: string): Segments | undefined {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 0 || second < 0 || token.includes('.', second + 1)) return undefined
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    signingInput: token.slice(0, second),
  }
}
