import type { Observer } from '../verify/observer.ts'
import { openVerifier } from '../verify/open-verifier.ts'
import { type DecisionObserver, Gateway } from './gateway.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import type { Resources } from './resources.ts'

export interface GatewayObservers {
  readonly steps?: Observer
  readonly decisions?: DecisionObserver
}

/**
 * Wires one entity of a gateway. Throws `TypeError` or `RangeError` that begins with the path of the field that
 * cannot be used.
 */
export function openGateway(
  settings: GatewaySettings,
  resources: Resources,
  observers: GatewayObservers = {},
): Gateway {
  const { verification, replay, audit } = settings
  const { clock, stopwatch, log, gateway: name } = resources
  const verifier = openVerifier(verification, {
    keys: resources.keys(settings),
    ed25519: resources.ed25519,
    replay: resources.replay(replay, verification.audience),
    policyFile: resources.policyFile(verification),
    clock,
    stopwatch,
    observer: observers.steps,
  })
  const trail = resources.trails.open(audit)
  resources.note(settings)
  return new Gateway({ name, settings, verifier, trail, log, observer: observers.decisions })
}
