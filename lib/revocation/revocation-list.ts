/** Upstream's hash: field = subject, value = the time of revocation in RFC 3339. Spec 8.1. */
export const REVOCATIONS_KEY = 'oathmesh:revocations'

export interface Revocation {
  readonly subject: string
  /** RFC 3339, as whoever revoked wrote it. */
  readonly revokedAt: string
}

/** Subjects none of whose tokens are accepted, whenever issued. Every method rejects when the store fails. */
export interface RevocationList {
  isRevoked(subject: string): Promise<boolean>
  /** `at` is milliseconds since the epoch. */
  revoke(subject: string, at: number): Promise<void>
  unrevoke(subject: string): Promise<void>
  list(): Promise<readonly Revocation[]>
}
