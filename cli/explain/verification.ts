import { relative } from 'node:path'
import {
  allowAll,
  compileDocument,
  compileGlob,
  compileRequirements,
  compileRules,
  KeyCache,
  loadDocument,
  MemoryReplayStore,
  type Policy,
  PolicyFaults,
  type Settings,
  silentLog,
  systemClock,
  type VerifierPorts,
} from '../../lib/index.ts'
import type { IssuerConfig, PluginConfig } from '../../schema/plugin-config.ts'
import { readPolicy } from '../../schema/read-policy.ts'
import { toKeySettings, toSettings, toTrustedIssuers } from '../../schema/to-settings.ts'
import { InputError } from '../terminal/input-error.ts'
import { unreadable } from '../terminal/read-input.ts'

/** What the steps need, wired as a gateway wires it, but for a store that remembers nothing yet. */
export interface Verification {
  readonly settings: Settings
  readonly ports: VerifierPorts
}

/** Waits for the keys of the issuers, as a gateway that has been running has them. */
export async function openVerification(config: PluginConfig): Promise<Verification> {
  try {
    const keys = new KeyCache({
      issuers: toTrustedIssuers(config),
      settings: toKeySettings(config),
      clock: systemClock,
      log: silentLog,
    })
    const settings = toSettings(config, {
      entity: '',
      subjectsOf,
      requirements: compileRequirements(config.require),
    })
    const policy = await policyOf(config)
    await keys.prewarm()
    // As if it had always been running: what it may have forgotten is not the token's fault.
    const replay = new MemoryReplayStore({ maxEntries: 16, startedAt: 0 })
    return { settings, ports: { keys, policy, replay } }
  } catch (cause) {
    if (!(cause instanceof TypeError) && !(cause instanceof RangeError)) throw cause
    throw new InputError(cause.message, { cause })
  }
}

async function policyOf({ policy, audience, issuers }: PluginConfig): Promise<Policy> {
  const { rules, file } = policy
  if (rules !== undefined) return compileRules(rules)
  if (file === undefined) return allowAll
  const scope = { audience, issuers: issuers.map(({ issuer }) => issuer) }
  try {
    return compileDocument((await loadDocument(file, readPolicy)).document, scope)
  } catch (cause) {
    if (cause instanceof PolicyFaults) {
      throw new InputError(`${shown(file)}: ${cause.message}`, { cause })
    }
    throw cause instanceof TypeError ? cause : unreadable(shown(file), cause)
  }
}

/** As a user would write it who is where this process is. */
function shown(file: string): string {
  const path = relative('', file)
  return path.startsWith('..') ? file : path
}

function subjectsOf({ subjects }: IssuerConfig): (subject: string) => boolean {
  if (subjects === undefined) return () => true
  const globs = subjects.map(compileGlob)
  return (subject) => globs.some((fits) => fits(subject))
}
