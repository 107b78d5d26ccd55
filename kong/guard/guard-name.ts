/** The functions of the guard: `first` runs in `pre-function`, `last` in `post-function`. */
export type GuardName =
  | 'global-access-first'
  | 'global-access-last'
  | 'scoped-access-first'
  | 'scoped-access-last'
  | 'closed-access-last'

/** The version in the first line of every function. It changes with any change of their text. */
export const GUARD_VERSION = 'v2'

/** The first line of a function's source, by which tools know it. */
export function markerLine(name: GuardName): string {
  return `-- oathmesh-guard ${GUARD_VERSION} ${name}`
}
