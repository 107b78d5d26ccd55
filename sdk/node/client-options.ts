import { errorMessage } from '../../lib/error-message.ts'
import type { BindingMode } from '../../lib/settings.ts'
import type { Source } from '../../lib/token/claims.ts'
import type { SigningKey } from '../../lib/token/mint.ts'
import { readSigningKey } from '../../lib/token/signing-key.ts'
import { isSubject } from '../../lib/token/subject.ts'
import { type Credential, checkCredential } from './credential.ts'

/** What a client mints and how it calls. Times are seconds unless they say otherwise. */
export interface ClientOptions {
  /** URL of the issuer; with `key`, only the `iss` of the tokens. */
  readonly issuer: string
  /** What proves this process to the issuer: a secret, or a function that has a fresh one. */
  readonly credential?: string | Credential
  /** Mint here instead, with this private key (PKCS#8 PEM). Nothing is asked of the issuer. */
  readonly key?: string | Uint8Array | SigningKey
  /** `aud`: the name by which the API knows itself. */
  readonly audience: string
  /** `act`: what the calls do. */
  readonly action: string
  /** `sub`. Needed with `key`; otherwise only where the issuer leaves a choice. */
  readonly subject?: string
  readonly scope?: readonly string[]
  readonly reason?: string
  readonly env?: string
  readonly tenant?: string
  readonly source?: Source
  /** 1–300, default 120. */
  readonly ttlSeconds?: number
  /** The mode in which the API checks `rqh`; default `off`, which binds nothing. */
  readonly binding?: BindingMode
  /** Tokens to hold ready, 0–32; default 0. Not with `binding`. */
  readonly prefetch?: number
  /** Attempts after the first when asked to wait, 0–10; default 2. */
  readonly retries?: number
  /** Longest `Retry-After` that is waited for, in milliseconds; default 10 000. */
  readonly longestWaitMs?: number
  /** Bound on one request to the issuer, in milliseconds; default 5000. */
  readonly timeoutMs?: number
}

/** Options that have been checked, with their defaults. */
export interface CheckedOptions extends ClientOptions {
  readonly ttlSeconds: number
  readonly binding: BindingMode
  readonly prefetch: number
  readonly retries: number
  readonly longestWaitMs: number
  readonly timeoutMs: number
  readonly origin:
    | { readonly kind: 'key'; readonly key: SigningKey }
    | { readonly kind: 'issuer'; readonly credential: Credential }
}

const MODES: readonly BindingMode[] = ['off', 'body', 'method_path_body', 'strict']

/** Throws `TypeError` that names the option. */
export function checkOptions(options: ClientOptions): CheckedOptions {
  const { binding = 'off' } = options
  checkTexts(options)
  if (!MODES.includes(binding)) throw new TypeError(`binding: must be one of ${MODES.join(', ')}`)
  const prefetch = whole('prefetch', options.prefetch ?? 0, 0, 32)
  if (prefetch > 0 && binding !== 'off') {
    throw new TypeError('prefetch: a token that is bound to its request cannot be minted ahead')
  }
  return {
    ...options,
    origin: originOf(options),
    binding,
    prefetch,
    ttlSeconds: whole('ttlSeconds', options.ttlSeconds ?? 120, 1, 300),
    retries: whole('retries', options.retries ?? 2, 0, 10),
    longestWaitMs: whole('longestWaitMs', options.longestWaitMs ?? 10_000, 0, 600_000),
    timeoutMs: whole('timeoutMs', options.timeoutMs ?? 5000, 1, 600_000),
  }
}

function checkTexts(options: ClientOptions): void {
  for (const name of ['issuer', 'audience', 'action'] as const) {
    if (typeof options[name] !== 'string' || options[name] === '') {
      throw new TypeError(`${name}: must be a non-empty string`)
    }
  }
  const { key, subject } = options
  if (key !== undefined && subject === undefined) throw new TypeError('subject: needed with key')
  if (subject !== undefined && !isSubject(subject)) {
    throw new TypeError('subject: must be agent://, svc://, job://, tool:// or user:// and a name')
  }
}

function originOf({ key, credential }: ClientOptions): CheckedOptions['origin'] {
  if ((key === undefined) === (credential === undefined)) {
    throw new TypeError('give either key or credential')
  }
  if (key !== undefined) {
    const bare = typeof key === 'string' || key instanceof Uint8Array
    return { kind: 'key', key: bare ? readKey(key) : key }
  }
  if (typeof credential === 'function') return { kind: 'issuer', credential }
  if (typeof credential !== 'string' || credential === '') {
    throw new TypeError('credential: must be a non-empty string or a function')
  }
  const secret = checkCredential(credential)
  return { kind: 'issuer', credential: () => secret }
}

function readKey(pem: string | Uint8Array): SigningKey {
  try {
    return readSigningKey(pem)
  } catch (cause) {
    throw new TypeError(`key: ${errorMessage(cause)}`, { cause })
  }
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new TypeError(`${name}: must be a whole number from ${least} to ${most}`)
}
