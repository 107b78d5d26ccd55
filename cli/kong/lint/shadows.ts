import { type GuardUse, HALVES } from './guard-use.ts'

const COST = {
  first: 'headers named X-OathMesh-* come through from the client, and oathmesh is refused there',
  last: 'requests that oathmesh has not decided go through',
} as const

/**
 * The entities that hide the global guard: Kong runs only the most specific entity of a plugin name,
 * so one with a scope and without the guard's function takes it away from its requests.
 */
export function shadows(uses: readonly GuardUse[]): readonly GuardUse[] {
  return uses.filter(
    (use) =>
      use.entity.enabled &&
      !use.guards &&
      scoped(use) &&
      uses.some((other) => other.plugin === use.plugin && other.guards && !scoped(other)),
  )
}

/** What a hidden guard costs and how to get it back. */
export function shadowFault({ plugin }: GuardUse) {
  const half = HALVES[plugin]
  return {
    code: 'shadowed',
    message: `It hides the guard of the ${plugin} without scope: ${COST[half]}.`,
    fix: `Put global-access-${half}, which "oathmesh kong guard" prints, ${half} among its access functions.`,
  } as const
}

function scoped({ entity }: GuardUse): boolean {
  return Object.keys(entity.scope).length > 0
}
