/** One trusted issuer. */
export interface TrustedIssuer {
  /** Compared byte for byte with `iss`. */
  readonly issuer: string
  /** Where its keys are; absent means `{issuer}/.well-known/jwks.json`. */
  readonly jwksUri?: string
  /** A JWK set given in the configuration, as JSON value or text; then nothing is fetched. */
  readonly jwks?: unknown
  /** Globs of the subjects this issuer may speak for; absent means all. */
  readonly subjects?: readonly string[]
}

export interface KeySettings {
  /** A fetched document is fresh for this long. At least 1. */
  readonly ttlSeconds: number
  /** Keys of the last good document serve this much longer when the issuer is away; 0 = not at all. */
  readonly staleIfErrorSeconds: number
  /** At most one refresh per issuer in this time for unknown key ids, with a burst of two. At least 1. */
  readonly refreshCooldownSeconds: number
  /** Bound on one whole fetch. */
  readonly timeoutMs: number
  /** Accept `http:` URLs. For development. */
  readonly allowHttp: boolean
  /** PEM file of additional certificate authorities. */
  readonly caFile?: string
}

/** Throws `RangeError` that names the field: a lifetime of 0 would mean "for ever" to a cache. */
export function checkKeySettings(settings: KeySettings): void {
  atLeast(1, settings.ttlSeconds, 'keys.ttl')
  atLeast(0, settings.staleIfErrorSeconds, 'keys.stale_if_error')
  atLeast(1, settings.refreshCooldownSeconds, 'keys.refresh_cooldown')
  atLeast(1, settings.timeoutMs, 'keys.timeout_ms')
}

function atLeast(minimum: number, value: number, field: string): void {
  if (!Number.isFinite(value) || value < minimum) {
    throw new RangeError(`${field}: must be a number of at least ${minimum}`)
  }
}
