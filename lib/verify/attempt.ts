import type { Call } from '../call.ts'
import type { Ed25519Engine } from '../keys/ed25519.ts'
import type { KeySource, VerificationKey } from '../keys/key-source.ts'
import type { Policy } from '../policy/policy.ts'
import type { ReplayStore, UseOutcome } from '../replay/replay-store.ts'
import type { Settings } from '../settings.ts'
import type { Claims, Payload } from '../token/claims.ts'
import type { Header } from '../token/header.ts'
import type { Segments } from './segments.ts'

/** What the steps may ask besides the token. */
export interface VerifierPorts {
  readonly keys: KeySource
  readonly ed25519: Ed25519Engine
  readonly replay: ReplayStore
  readonly policy: Policy
}

/** What the steps find out, in the order in which they do. */
export interface Findings {
  readonly token: string
  readonly segments: Segments
  readonly header: Header
  readonly payload: Payload
  readonly claims: Claims
  readonly key: VerificationKey
  /** Present once the signature has been verified: from then on the claims are proven. */
  readonly verified: true
  readonly use: UseOutcome
  readonly rule: string
}

/** One verification of one call. A step reads what earlier steps have found and records its own finding. */
export class Attempt {
  readonly call: Call
  readonly settings: Settings
  readonly ports: VerifierPorts
  /** Unix seconds with a fraction: the only clock reading of this call. */
  readonly now: number
  readonly #findings: { -readonly [K in keyof Findings]?: Findings[K] } = {}

  constructor(call: Call, settings: Settings, ports: VerifierPorts, now: number) {
    this.call = call
    this.settings = settings
    this.ports = ports
    this.now = now
  }

  /** What is known so far, for the audit line. */
  get findings(): Partial<Findings> {
    return this.#findings
  }

  record<K extends keyof Findings>(name: K, finding: Findings[K]): void {
    this.#findings[name] = finding
  }

  /** A finding of an earlier step. Asking before that step has run is a mistake in the order of steps. */
  found<K extends keyof Findings>(name: K): Findings[K] {
    const finding = this.#findings[name]
    if (finding === undefined) throw new ReferenceError(`no ${name} yet`)
    return finding as Findings[K]
  }
}
