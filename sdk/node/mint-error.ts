/**
 * Why there is no token: `refused` when the issuer said so, `unavailable` when it could not be asked or
 * could not answer. Never holds a token or a credential.
 */
export class MintError extends Error {
  override readonly name = 'MintError'
  readonly kind: 'refused' | 'unavailable'
  /** The issuer's word for it, such as `mint_denied`; match on this. */
  readonly code: string | undefined
  readonly status: number | undefined

  constructor(
    kind: MintError['kind'],
    message: string,
    details: { readonly code?: string; readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.code = details.code
    this.status = details.status
  }
}
