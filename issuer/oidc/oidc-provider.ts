import type { Source } from '../../lib/token/claims.ts'
import type { MintCaller } from '../mint-caller.ts'
import { IssuerRefusal } from '../refusal.ts'
import { algorithmCheck, audienceCheck, claimCheck, timeCheck } from './claim-checks.ts'
import type { IdentityToken } from './identity-token.ts'
import type { CheckFinding, ProviderCheck } from './provider-check.ts'
import type { KeysLocation, ProviderKeys } from './provider-keys.ts'
import { SignatureCheck } from './signature-check.ts'
import { WorkloadMapping } from './workload-mapping.ts'

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

/** One OIDC provider: proves who a workload is and names it in our terms. */
export class OidcProvider {
  readonly issuer: string
  readonly #checks: readonly ProviderCheck[]
  readonly #mapping: WorkloadMapping

  /** Throws `TypeError` that begins with the field below `path`. */
  constructor(settings: OidcProviderSettings, keys: ProviderKeys, path: string) {
    this.issuer = settings.issuer
    this.#checks = [
      algorithmCheck(settings.algorithms),
      new SignatureCheck(keys, settings.algorithms),
      timeCheck,
      audienceCheck(settings.audience),
      ...Object.entries(settings.require).map(([claim, globs]) =>
        claimCheck({ provider: settings.name, claim, globs, path: `${path}.require` }),
      ),
    ]
    this.#mapping = new WorkloadMapping(settings, path)
  }

  /** The workload whose token this is, of this provider. `now` is Unix seconds. Refuses `oidc_*`. */
  async authenticate(token: IdentityToken, now: number): Promise<MintCaller> {
    for (const check of this.#checks) await check.run(token, now)
    return this.#mapping.callerOf(token)
  }

  /** What each check finds, those after one that fails included. Never rejects for a refusal. */
  async explain(token: IdentityToken, now: number): Promise<readonly CheckFinding[]> {
    const findings: CheckFinding[] = []
    for (const { name, run } of [...this.#checks, this.#mapping.check]) {
      try {
        findings.push({ name, holds: true, found: await run(token, now) })
      } catch (cause) {
        if (!(cause instanceof IssuerRefusal)) throw cause
        const { answer, details } = cause
        findings.push({ name, holds: false, found: details.detail ?? answer.message })
      }
    }
    return findings
  }

  /** The workload that the claims speak of, proven or not: for explanations alone. Refuses `oidc_unmappable`. */
  callerOf(token: IdentityToken): MintCaller {
    return this.#mapping.callerOf(token)
  }
}
