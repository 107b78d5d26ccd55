import { compactVerify, errors } from 'jose'
import { compileGlob } from '../../lib/policy/glob.ts'
import type { Source } from '../../lib/token/claims.ts'
import { isSubject } from '../../lib/token/subject.ts'
import type { MintCaller } from '../mint-caller.ts'
import { refuse } from '../refusal.ts'
import { type ClaimReader, claimReader } from './claim-text.ts'
import type { IdentityToken } from './identity-token.ts'
import type { KeyGetter, KeysLocation, ProviderKeys } from './provider-keys.ts'
import { sourceTemplate, subjectTemplate, type Template } from './template.ts'

/** What is known of an OIDC provider whose workloads may have tokens. */
export interface OidcProviderSettings {
  readonly name: string
  /** Compared byte for byte with `iss`. */
  readonly issuer: string
  /** What `aud` must be, or hold. */
  readonly audience: string
  readonly keys: KeysLocation
  readonly allowHttp: boolean
  /** PEM text of authorities for the provider's certificate, besides Node's own. */
  readonly ca?: string
  readonly algorithms: readonly string[]
  /** Globs by claim; each claim must be there and fit one of its globs. */
  readonly require: Readonly<Record<string, readonly string[]>>
  /** Template of `sub`. */
  readonly subject: string
  /** Templates of the members of `src`. */
  readonly source: Source
}

const LEEWAY_SECONDS = 30
const SOURCE_MEMBERS = ['type', 'repo', 'workflow', 'run_id', 'sha'] as const
const MAX_SOURCE_LENGTH = 256

interface Requirement {
  readonly claim: string
  readonly read: ClaimReader
  readonly globs: readonly ((text: string) => boolean)[]
}

/** One OIDC provider: proves who a workload is and names it in our terms. */
export class OidcProvider {
  readonly issuer: string
  readonly #settings: OidcProviderSettings
  readonly #keys: ProviderKeys
  readonly #requirements: readonly Requirement[]
  readonly #subject: Template
  readonly #source: readonly (readonly [member: keyof Source, template: Template])[]

  /** Throws `TypeError` that begins with the field below `path`. */
  constructor(settings: OidcProviderSettings, keys: ProviderKeys, path: string) {
    this.issuer = settings.issuer
    this.#settings = settings
    this.#keys = keys
    this.#requirements = Object.entries(settings.require).map(([claim, globs]) => ({
      claim,
      read: at(`${path}.require`, () => claimReader(claim)),
      globs: globs.map(compileGlob),
    }))
    this.#subject = at(`${path}.subject`, () => subjectTemplate(settings.subject))
    this.#source = SOURCE_MEMBERS.flatMap((member) => {
      const text = settings.source[member]
      if (text === undefined) return []
      return [[member, at(`${path}.source.${member}`, () => sourceTemplate(text))] as const]
    })
  }

  /** The workload whose token this is, of this provider. `now` is Unix seconds. Refuses `oidc_*`. */
  async authenticate(token: IdentityToken, now: number): Promise<MintCaller> {
    const { alg } = token.header
    if (typeof alg !== 'string' || !this.#settings.algorithms.includes(alg))
      refuse('oidc_algorithm')
    await this.#verify(token.text)
    this.#checkTimes(token, now)
    this.#checkAudience(token)
    for (const { claim, read, globs } of this.#requirements) {
      const text = read(token.claims)
      if (text === undefined || !globs.some((fits) => fits(text))) {
        refuse('oidc_claim', { detail: `${this.#settings.name}: ${claim} is ${text ?? 'absent'}` })
      }
    }
    return this.#callerOf(token)
  }

  async #verify(token: string): Promise<void> {
    const keys = await this.#keys.current()
    if (await this.#verifiesWith(token, keys)) return
    const newer = await this.#keys.newerThan(keys)
    if (newer === undefined || !(await this.#verifiesWith(token, newer))) refuse('oidc_key')
  }

  /** Whether a key of this set fits; the signature is then good. */
  async #verifiesWith(token: string, keys: KeyGetter): Promise<boolean> {
    try {
      await compactVerify(token, keys, { algorithms: [...this.#settings.algorithms] })
      return true
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey) return false
      if (cause instanceof errors.JWKSMultipleMatchingKeys) return false
      if (cause instanceof errors.JOSEAlgNotAllowed) refuse('oidc_algorithm', { cause })
      if (cause instanceof errors.JWSInvalid) refuse('oidc_malformed', { cause })
      refuse('oidc_signature', { cause })
    }
  }

  #checkTimes({ claims: { exp, nbf, iat } }: IdentityToken, now: number): void {
    if (typeof exp !== 'number') refuse('oidc_malformed', { detail: 'exp is not a number' })
    if (exp + LEEWAY_SECONDS <= now) refuse('oidc_expired')
    for (const from of [nbf, iat]) {
      if (from === undefined) continue
      if (typeof from !== 'number') refuse('oidc_malformed', { detail: 'iat or nbf is no number' })
      if (from - LEEWAY_SECONDS >= now) refuse('oidc_not_yet_valid')
    }
  }

  #checkAudience({ claims: { aud } }: IdentityToken): void {
    const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
    if (!audiences.includes(this.#settings.audience)) refuse('oidc_audience')
  }

  #callerOf({ claims }: IdentityToken): MintCaller {
    const { name } = this.#settings
    const sub = this.#subject(claims)
    if (sub === undefined || !isSubject(sub))
      refuse('oidc_unmappable', { detail: `${name}: subject` })
    const src: { -readonly [K in keyof Source]: Source[K] } = {}
    for (const [member, template] of this.#source) {
      const text = template(claims)
      if (text === undefined) continue
      if (text.length > MAX_SOURCE_LENGTH) {
        refuse('oidc_unmappable', { detail: `${name}: source.${member}` })
      }
      src[member] = text
    }
    const identity = Object.keys(src).length === 0 ? { sub } : { sub, src }
    return { name: `oidc:${name}`, limitKey: `oidc:${name} ${sub}`, identity }
  }
}

function at<T>(path: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new TypeError(`${path}: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}
