import { createRequire } from 'node:module'
import { PLACES, resolveOptional } from '../optional-package.ts'
import type { Ed25519Engine } from './ed25519.ts'

const PACKAGE = 'sodium-native'

/** What we use of the package. It aborts for a key or signature of another length, and those never come here. */
interface Sodium {
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean
}

/**
 * libsodium, from the package `sodium-native` where it is installed beside the plugin or the program; `undefined`
 * where it is not. It is never part of a bundle. Throws what loading it throws: it has no binary for this
 * machine, or a broken one.
 */
export function loadSodiumNative(
  from: readonly (string | undefined)[] = PLACES,
): Ed25519Engine | undefined {
  for (const file of from) {
    const path = resolveOptional(PACKAGE, file)
    if (path !== undefined) return engineOf(createRequire(path)(path))
  }
  return undefined
}

function engineOf(loaded: unknown): Ed25519Engine {
  if (!isSodium(loaded)) throw new TypeError('it has no crypto_sign_verify_detached')
  return {
    name: PACKAGE,
    verify: (message, signature, { point }) =>
      loaded.crypto_sign_verify_detached(signature, message, point),
  }
}

function isSodium(loaded: unknown): loaded is Sodium {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'crypto_sign_verify_detached' in loaded &&
    typeof loaded.crypto_sign_verify_detached === 'function'
  )
}
