/** One trusted issuer. */
export interface TrustedIssuer {
  /** Compared byte for byte with `iss`. */
  readonly issuer: string
  /** Where its keys are; absent means `{issuer}/.well-known/jwks.json`. */
  readonly jwksUri?: string
  /** A JWK set given in the configuration; then nothing is fetched. */
  readonly jwks?: unknown
  /** Globs of the subjects this issuer may speak for; absent means all. */
  readonly subjects?: readonly string[]
}

export interface KeySettings {
  /** A fetched document is fresh for this long. */
  readonly ttlSeconds: number
  /** Keys of the last good document serve this much longer when the issuer is away; 0 = not at all. */
  readonly staleIfErrorSeconds: number
  /** At most one refresh per issuer in this time for unknown key ids, with a burst of two. */
  readonly refreshCooldownSeconds: number
  /** Bound on one whole fetch. */
  readonly timeoutMs: number
  /** Accept `http:` URLs. For development. */
  readonly allowHttp: boolean
  /** PEM file of additional certificate authorities. */
  readonly caFile?: string
}
