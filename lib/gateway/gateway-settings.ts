import type { KeySettings } from '../keys/key-settings.ts'
import type { RedisSettings } from '../redis/redis-settings.ts'
import type { KeyFormat } from '../replay/record-key.ts'
import type { VerifierSettings } from '../verify/verifier-settings.ts'
import type { IdentityHeader } from './identity-headers.ts'

/** One entity of a gateway, as plain data. `schema/to-settings.ts` makes them of a configuration. */
export interface GatewaySettings {
  readonly verification: VerifierSettings
  readonly keys: KeySettings
  readonly replay: ReplaySettings
  readonly passing: PassingSettings
  readonly challenge: ChallengeSettings
  readonly audit: AuditSettings
}

export type ReplaySettings =
  | { readonly store: 'memory'; readonly maxEntries: number }
  | {
      readonly store: 'redis'
      readonly redis: RedisSettings
      readonly keyFormat: KeyFormat
      /** Whether the list of revoked subjects is asked. */
      readonly revocation: boolean
      readonly knownGoodSeconds: number
    }

/** What becomes of a call around its verdict. */
export interface PassingSettings {
  /** With `observe`, a refused call passes, marked and audited. */
  readonly enforcement: 'enforce' | 'observe'
  /** A refused call passes on the account of nobody, and one that others have authenticated is left alone. */
  readonly anonymous: boolean
  /** Whether OPTIONS requests are verified. */
  readonly preflight: 'verify' | 'pass'
  /** Whether a verified caller needs an account of the gateway. */
  readonly account: 'off' | 'optional' | 'required'
  /** The headers that tell the upstream whose account a call is on, all of them; none with `off`. */
  readonly accountHeaders: readonly string[]
  readonly identityHeaders: readonly IdentityHeader[]
}

/** What a refusal with 401 says besides its cause. */
export interface ChallengeSettings {
  readonly realm: string
  /** `full` tells issuers, audience and binding mode: what a caller has to mint. */
  readonly tells: 'full' | 'minimal'
}

export interface AuditSettings {
  /** `host`: the gateway's own log. */
  readonly sink: 'none' | 'host' | 'file'
  /** With `file`. */
  readonly file?: string
  /** Seals the lines of the file into a chain; at least 32 bytes. */
  readonly hmacKey?: string
  /** File with the key instead, read when the trail is opened. */
  readonly hmacKeyFile?: string
  /** How much of the request an allowed call's line holds. */
  readonly context: 'minimal' | 'full'
}
