/** Provenance as the issuer stated it. Spec 1.3. */
export interface Source {
  readonly type?: string
  readonly repo?: string
  readonly workflow?: string
  readonly run_id?: string
  readonly sha?: string
}

/** A payload of the right types, whether or not it is complete. Times are whole Unix seconds. */
export interface Payload {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string
  readonly act?: string
  readonly iat?: number
  readonly exp?: number
  readonly jti?: string
  readonly nbf?: number
  readonly scope?: readonly string[]
  readonly reason?: string
  readonly src?: Source
  readonly delegated_by?: string
  readonly env?: string
  readonly tenant?: string
  readonly rqh?: string
}

/** A payload in which every required claim is present. Spec 1.3. */
export type Claims = Payload &
  Required<Pick<Payload, 'iss' | 'sub' | 'aud' | 'act' | 'iat' | 'exp' | 'jti'>>
