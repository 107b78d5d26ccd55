import type { Observer } from '../verify/observer.ts'
import { openVerifier } from '../verify/open-verifier.ts'
import { DecisionMeter } from './decision-meter.ts'
import { type DecisionObserver, Gateway } from './gateway.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import type { Resources } from './resources.ts'
import { VerificationMeter } from './verification-meter.ts'

export interface GatewayObservers {
  readonly steps?: Observer | undefined
  readonly decisions?: DecisionObserver | undefined
}

/**
 * Wires one entity of a gateway. Throws `TypeError` or `RangeError` that begins with the path of the field that
 * cannot be used.
 */
export function openGateway(
  settings: GatewaySettings,
  resources: Resources,
  observers: GatewayObservers = metersOf(settings, resources),
): Gateway {
  const { verification, replay, audit } = settings
  const { clock, stopwatch, log, gateway: name, tracing } = resources
  const keys = resources.keys(settings)
  const verifier = openVerifier(verification, {
    keys,
    ed25519: resources.ed25519,
    replay: resources.replay(replay, verification.audience),
    policyFile: resources.policyFile(verification),
    clock,
    stopwatch,
    observer: observers.steps,
  })
  const trail = resources.trails.open(audit)
  resources.note(settings)
  const lacks = () => resources.lacks(settings, keys)
  const observer = observers.decisions
  return new Gateway({ name, settings, verifier, trail, log, observer, tracing, lacks })
}

/** Without a meter nobody is told of anything, which costs nothing. */
function metersOf(
  { verification: { audience }, replay: { store } }: GatewaySettings,
  { meter }: Resources,
): GatewayObservers {
  if (meter === undefined) return {}
  return {
    steps: new VerificationMeter(meter, store),
    decisions: new DecisionMeter(meter, audience),
  }
}
