import type { Durations, Meter } from '../lib/metrics/meter.ts'
import type { MintCaller } from './mint-caller.ts'
import type { IssuerReason } from './refusal.ts'

/** Counts what the audit lines of an issuer tell, without what a caller may choose. */
export class IssuerMeter {
  readonly #meter: Meter
  readonly #durations: Durations

  constructor(meter: Meter) {
    this.#meter = meter
    this.#durations = meter.histogram('oathmesh_mint_duration_seconds', {})
  }

  minted(caller: MintCaller | undefined): void {
    this.#meter.counter('oathmesh_tokens_minted_total', { provider: providerOf(caller) }).add()
  }

  /** How long the request took that is answered with a token. */
  took(elapsedMs: number): void {
    this.#durations.observe(elapsedMs / 1000)
  }

  refused(caller: MintCaller | undefined, reason: IssuerReason): void {
    const provider = providerOf(caller)
    this.#meter.counter('oathmesh_mint_refusals_total', { provider, reason }).add()
  }

  changed(event: 'revoke' | 'unrevoke'): void {
    this.#meter.counter('oathmesh_revocations_total', { event }).add()
  }
}

/** Clients with a secret are one: there may be as many as there are services. */
function providerOf(caller: MintCaller | undefined): string {
  if (caller === undefined) return 'none'
  return caller.name.startsWith('oidc:') ? caller.name.slice('oidc:'.length) : 'client'
}
