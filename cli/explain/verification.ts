import { relative } from 'node:path'
import { type Clock, proxyFrom, systemClock } from '../../lib/index.ts'
import { KeyCache } from '../../lib/keys/key-cache.ts'
import { compileDocument } from '../../lib/policy/document.ts'
import { loadDocument } from '../../lib/policy/load-document.ts'
import type { Policy } from '../../lib/policy/policy.ts'
import { PolicyFaults } from '../../lib/policy/policy-faults.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { MemoryReplayStore } from '../../lib/replay/memory-store.ts'
import type { ReplayStore } from '../../lib/replay/replay-store.ts'
import { openVerifier } from '../../lib/verify/open-verifier.ts'
import type { Verifier } from '../../lib/verify/verifier.ts'
import type { PluginConfig } from '../../schema/plugin-config.ts'
import { readPolicy } from '../../schema/read-policy.ts'
import { toKeySettings, toTrustedIssuers, toVerifierSettings } from '../../schema/to-settings.ts'
import { InputError } from '../terminal/input-error.ts'
import { unreadable } from '../terminal/read-input.ts'

/**
 * What a gateway decides with, by this clock, but for a store that remembers nothing yet. Waits for the keys of
 * the issuers, as a gateway that has been running has them. `say` words what is wrong with the settings; throws it
 * as `InputError`.
 */
export async function openVerification(
  config: PluginConfig,
  clock: Clock,
  say: (fault: string) => string,
  // As if it had always been running: what it may have forgotten is not the token's fault.
  replay: ReplayStore = new MemoryReplayStore({ maxEntries: 16, startedAt: 0 }),
): Promise<Verifier> {
  try {
    const keys = new KeyCache({
      issuers: toTrustedIssuers(config),
      settings: toKeySettings(config),
      clock: systemClock,
      log: silentLog,
      proxyFor: proxyFrom(process.env),
    })
    const verifier = openVerifier(toVerifierSettings(config, ''), {
      keys,
      replay,
      policyFile: await policyFileOf(config),
      clock,
    })
    await keys.prewarm()
    return verifier
  } catch (cause) {
    if (!(cause instanceof TypeError) && !(cause instanceof RangeError)) throw cause
    throw new InputError(say(cause.message), { cause })
  }
}

async function policyFileOf(config: PluginConfig): Promise<Policy | undefined> {
  const { audience, issuers } = config
  const { file } = config.policy
  if (file === undefined) return undefined
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
