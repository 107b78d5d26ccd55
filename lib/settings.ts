import type { Requirements } from './policy/requirements.ts'

/** What one plugin entity verifies against: parsed and checked once, when the instance starts. */
export interface Settings {
  /** The one accepted `aud`. */
  readonly audience: string
  readonly issuers: readonly IssuerTrust[]
  /** Name of the plugin entity: keeps what it has seen apart from other entities. */
  readonly entity: string
  readonly acceptBearer: boolean
  /** Clock skew granted to issuers, 0–60. */
  readonly leewaySeconds: number
  /** Ceiling on `exp - iat`, 1–300. */
  readonly maxLifetimeSeconds: number
  readonly maxTokenBytes: number
  /** Bound on one whole verification, waiting included. */
  readonly deadlineMs: number
  readonly binding: BindingSettings
  /** What the token must declare for the request it comes with. */
  readonly requirements: Requirements
}

export interface IssuerTrust {
  /** Compared byte for byte with `iss`. */
  readonly issuer: string
  speaksFor(subject: string): boolean
}

export type BindingMode = 'off' | 'body' | 'method_path_body' | 'strict'

/** Request binding (`rqh`). Spec 6. */
export interface BindingSettings {
  readonly mode: BindingMode
  /** Which requests must carry `rqh`; `unsafe` means all but GET, HEAD and OPTIONS without a body. */
  readonly required: 'none' | 'unsafe' | 'all'
  readonly maxBodyBytes: number
  /** Let a token with `rqh` pass unchecked while the mode is `off`. */
  readonly ignoreWhenOff: boolean
}
