import type { Revocation } from '../../lib/revocation/revocation-list.ts'

/** Wherever revocations are kept. Rejects with `Refused`, or with `InputError` when it is away. */
export interface RevocationStore {
  revoke(subject: string): Promise<void>
  unrevoke(subject: string): Promise<void>
  list(): Promise<readonly Revocation[]>
  close(): Promise<void>
}

/** The issuer has answered, and said no: exit code 1. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
