import { errorMessage } from '../error-message.ts'
import type { Log } from '../ports/log.ts'
import { type Ed25519Engine, nodeCrypto } from './ed25519.ts'
import { checkKnownSignatures } from './known-signatures.ts'
import { loadSodiumNative } from './sodium-native.ts'

/**
 * The fastest engine there is here: libsodium where the optional package `sodium-native` is installed, which takes
 * half the time, else node:crypto. An installation that cannot be used is a warning. Verdicts are the same.
 */
export function openEd25519(
  log: Log,
  load: typeof loadSodiumNative = loadSodiumNative,
): Ed25519Engine {
  try {
    const sodium = load()
    if (sodium === undefined) return nodeCrypto
    checkKnownSignatures(sodium)
    return sodium
  } catch (cause) {
    log.warn(
      'sodium-native is installed but cannot be used, so node:crypto verifies signatures at half the speed: install it anew for this machine, or remove it',
      { cause: firstLine(errorMessage(cause)) },
    )
    return nodeCrypto
  }
}

/** A loader's message goes on with the stack of what required it. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
