import { createRequire } from 'node:module'

/**
 * Where a package may stand that we can do without: what belongs to this file, then what belongs to the program
 * that runs, which may stand elsewhere than a bundle it has loaded. `NODE_PATH` counts for either.
 */
export const PLACES: readonly (string | undefined)[] = [ownFile(), process.argv[1]]

/** Path of a package or of a file in it, seen from a file; `undefined` where it is not installed. */
export function resolveOptional(name: string, from: string | undefined): string | undefined {
  if (from === undefined) return undefined
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined // Not installed for this place; the next may know better.
  }
}

/** Known where this runs as a script: in the bundle and in tests. */
function ownFile(): string | undefined {
  return typeof __filename === 'string' ? __filename : undefined
}
