import { systemClock } from '../../../lib/ports/clock.ts'
import { MemoryReplayStore } from '../../../lib/replay/memory-store.ts'
import { offeredReplayStore, offerReplayStore } from '../../../lib/replay/offered-store.ts'
import { ServiceVerifier } from './service-verifier.ts'
import type { VerifierConfig } from './verifier-config.ts'
import type { VerifierOptions } from './verifier-options.ts'

export type { Caller } from '../../../lib/caller.ts'
export type { Claims } from '../../../lib/token/claims.ts'
export { callerOf } from './caller-of.ts'
export type { FastifyHook, FastifyLike } from './fastify-hook.ts'
export type { FetchHandler } from './fetch-handler.ts'
export type { NodeMiddleware } from './node-middleware.ts'
export type { ServiceVerifier } from './service-verifier.ts'
export type { VerifierConfig } from './verifier-config.ts'
export type { AuditEvent, VerifierOptions } from './verifier-options.ts'

/** What was used before this module was there, it cannot know. Unix seconds. */
const STARTED_AT = systemClock.now() / 1000

/**
 * Makes a verifier for a service that no gateway stands before. `config` is the gateways' own, in the same words.
 * Opens what the configuration names: keys are being fetched, Redis is being connected to. Throws `TypeError`
 * that names every faulty field.
 */
export function createVerifier(
  config: VerifierConfig,
  options: VerifierOptions = {},
): ServiceVerifier {
  // One memory for all verifiers of the process, or each would accept a token once.
  if (offeredReplayStore() === undefined) {
    offerReplayStore(new MemoryReplayStore({ maxEntries: 1, startedAt: STARTED_AT }))
  }
  return new ServiceVerifier(config, options, { clock: systemClock, startedAt: STARTED_AT })
}
