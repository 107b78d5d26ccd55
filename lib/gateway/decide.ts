import type { Caller } from '../caller.ts'
import { Denial } from '../denial.ts'
import { both, type Observer } from '../verify/observer.ts'
import type { Decision, Verifier } from '../verify/verifier.ts'
import type { Account, GatewayCall } from './gateway-call.ts'
import type { PassingSettings } from './gateway-settings.ts'
import { valuesOf } from './header-lists.ts'
import type { OurHeaders } from './our-headers.ts'

/** What becomes of a call, before anything has been done about it. */
export type Disposition =
  | { readonly as: 'refuse'; readonly decision: Decision }
  /** The configuration names an anonymous account that the gateway does not have. */
  | { readonly as: 'nobody'; readonly decision: Decision }
  | { readonly as: 'observe'; readonly decision: Decision }
  | { readonly as: 'anonymous'; readonly decision: Decision; readonly account: Account }
  /** Not decided on: a preflight, or what others have authenticated. */
  | { readonly as: 'left'; readonly account?: Account | undefined }
  | {
      readonly as: 'allow'
      readonly decision: Decision
      readonly caller: Caller
      readonly account?: Account | undefined
    }

export interface Deciders {
  readonly verifier: Verifier
  readonly passing: PassingSettings
  readonly ours: OurHeaders
  /** Is told of this call as well. */
  readonly observer?: Observer | undefined
}

/** Decides on a call. Rejects with whatever the gateway rejects with when it is asked. */
export async function decide(call: GatewayCall, deciders: Deciders): Promise<Disposition> {
  const { verifier, ours, observer } = deciders
  // Before any branch: a gateway strips what `Connection` names after we have set it (W-27).
  if (ours.namedIn(valuesOf(call.headers, 'connection'))) {
    return { as: 'refuse', decision: verifier.refusal(new Denial('hop_by_hop_identity')) }
  }
  const left = leftToOthers(call, deciders.passing)
  if (left !== undefined) {
    const disposition = await left
    if (disposition !== undefined) return disposition
  }
  const asked = {
    authorization: valuesOf(call.headers, 'authorization'),
    requestLine: () => call.requestLine(),
    body: (maxBytes: number) => call.body(maxBytes),
  }
  const decision = await verifier.decide(asked, both(verifier.observer, observer))
  const { verdict } = decision
  if (verdict.outcome === 'deny') return refused(call, decision, verdict.denial, deciders.passing)
  return allowed(call, decision, verdict.caller, deciders.passing)
}

/** Asks nothing, and gives no promise, where every call is to be decided on. */
function leftToOthers(
  call: GatewayCall,
  passing: PassingSettings,
): Promise<Disposition | undefined> | undefined {
  if (passing.preflight === 'verify' && !passing.anonymous) return undefined
  return askWhoseItIs(call, passing)
}

async function askWhoseItIs(
  call: GatewayCall,
  { preflight, anonymous }: PassingSettings,
): Promise<Disposition | undefined> {
  const [method, account] = await Promise.all([
    preflight === 'pass' ? call.method() : undefined,
    anonymous ? call.accounts?.authenticated() : undefined,
  ])
  return account !== undefined || method === 'OPTIONS' ? { as: 'left', account } : undefined
}

async function allowed(
  call: GatewayCall,
  decision: Decision,
  caller: Caller,
  passing: PassingSettings,
): Promise<Disposition> {
  if (passing.account === 'off') return { as: 'allow', decision, caller }
  const account = await call.accounts?.ofCaller(caller.claims)
  // With an anonymous account, a caller without one of its own is anonymous.
  if (account !== undefined || (passing.account === 'optional' && !passing.anonymous)) {
    return { as: 'allow', decision, caller, account }
  }
  const denial = new Denial('consumer_unknown', {}, 14)
  const changed: Decision = { ...decision, verdict: { outcome: 'deny', denial } }
  return refused(call, changed, denial, passing)
}

async function refused(
  call: GatewayCall,
  decision: Decision,
  { refusal }: Denial,
  { enforcement, anonymous }: PassingSettings,
): Promise<Disposition> {
  // What would reach the upstream is not what we set: no mode lets that pass.
  if (refusal.status === 400) return { as: 'refuse', decision }
  if (anonymous) {
    const account = await call.accounts?.anonymous()
    return account === undefined
      ? { as: 'nobody', decision }
      : { as: 'anonymous', decision, account }
  }
  return { as: enforcement === 'observe' ? 'observe' : 'refuse', decision }
}
