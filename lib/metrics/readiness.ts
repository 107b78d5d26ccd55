/** Why one plugin instance, policy or issuer cannot do its work yet, in words; empty when it can. */
export type Lacks = readonly string[]

/** Whether calls can be decided on, and what is wrong with single instances all the same. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/**
 * Ready unless there are instances and not one of them can decide. A gateway with one faulty route among many
 * must not lose the others, and Kong starts an instance with the first request, so that none is no fault.
 */
export function readinessOf(instances: readonly Lacks[]): Readiness {
  const ready = instances.length === 0 || instances.some((lacks) => lacks.length === 0)
  return { ready, reasons: [...new Set(instances.flat())] }
}
