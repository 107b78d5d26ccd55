import { type Ed25519Engine, nodeCrypto } from '../keys/ed25519.ts'
import type { KeySource } from '../keys/key-source.ts'
import { compileRules } from '../policy/compile.ts'
import { compileGlob } from '../policy/glob.ts'
import { allowAll, type Policy } from '../policy/policy.ts'
import { compileRequirements } from '../policy/requirements.ts'
import { type Clock, systemClock } from '../ports/clock.ts'
import { monotonic, type Stopwatch } from '../ports/stopwatch.ts'
import type { ReplayStore } from '../replay/replay-store.ts'
import type { Observer } from './observer.ts'
import { Verifier } from './verifier.ts'
import type { PolicySettings, VerifierSettings } from './verifier-settings.ts'

/** What a verifier asks while it decides. */
export interface OpenVerifierPorts {
  readonly keys: KeySource
  /** What verifies signatures; node:crypto where absent. */
  readonly ed25519?: Ed25519Engine
  readonly replay: ReplayStore
  /** The policy of `settings.policy.file`; without a file it is not asked. */
  readonly policyFile?: Policy | undefined
  readonly clock?: Clock
  readonly stopwatch?: Stopwatch
  readonly observer?: Observer | undefined
}

/**
 * The front door to the core: a verifier for one entity, with everything in its settings compiled.
 * Throws `TypeError` that begins with the path of the field at fault.
 */
export function openVerifier(settings: VerifierSettings, ports: OpenVerifierPorts): Verifier {
  const { issuers, require, policy, ...rest } = settings
  const { keys, replay, policyFile, observer } = ports
  const { ed25519 = nodeCrypto, clock = systemClock, stopwatch = monotonic } = ports
  return new Verifier({
    settings: {
      ...rest,
      issuers: issuers.map(({ issuer, subjects }) => ({ issuer, speaksFor: scopeOf(subjects) })),
      requirements: compileRequirements(require),
    },
    ports: { keys, ed25519, replay, policy: policyOf(policy, policyFile) },
    clock,
    stopwatch,
    observer,
  })
}

function policyOf(settings: PolicySettings, file: Policy | undefined): Policy {
  if (settings === 'allow_all') return allowAll
  if ('rules' in settings) return compileRules(settings.rules)
  // Without it every call would have to be refused, and nobody would know why.
  if (file === undefined) throw new TypeError('policy.file: nothing reads it here')
  return file
}

/** No list means every subject; an empty list means none. */
function scopeOf(subjects: readonly string[] | undefined): (subject: string) => boolean {
  if (subjects === undefined) return () => true
  const globs = subjects.map(compileGlob)
  return (subject) => globs.some((fits) => fits(subject))
}
