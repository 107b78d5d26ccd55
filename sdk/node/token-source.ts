import type { Source } from '../../lib/token/claims.ts'

/** What one token is to say. Times are seconds. Spec 1.3, 13.2. */
export interface TokenRequest {
  /** Absent where the issuer takes it from the credential. */
  readonly subject?: string | undefined
  readonly audience: string
  readonly action: string
  /** 1–300. */
  readonly ttlSeconds: number
  readonly scope?: readonly string[] | undefined
  readonly reason?: string | undefined
  readonly env?: string | undefined
  readonly tenant?: string | undefined
  readonly source?: Source | undefined
  /** The value of `requestHash` for the one request it is for. */
  readonly requestHash?: string | undefined
}

export interface MintedToken {
  readonly token: string
  /** Milliseconds since the epoch on this machine's clock. */
  readonly expiresAt: number
}

/** Makes tokens, each for one call. */
export interface TokenSource {
  /** Rejects with `MintError` when there is no token to have. */
  mint(request: TokenRequest, signal?: AbortSignal): Promise<MintedToken>
}
