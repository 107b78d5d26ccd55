import type { InstanceStatus } from '../../../lib/status/report.ts'
import type { InstancePlace } from '../session/instance-place.ts'

/** Instances of one entity. */
export type InstanceRow = InstanceStatus

/** Counts instances by what they are of. */
export function groupInstances(
  instances: readonly (InstancePlace & { readonly plugin: string; readonly faulty: boolean })[],
): readonly InstanceRow[] {
  const groups = new Map<string, InstanceRow>()
  for (const { faulty, ...instance } of instances) {
    const row = { ...instance, ...(faulty && { faulty: true as const }) }
    const key = JSON.stringify(row)
    groups.set(key, { ...row, count: (groups.get(key)?.count ?? 0) + 1 })
  }
  return [...groups.values()]
}

/** Of several processes that know the same instances: each may know some that others have forgotten. */
export function sameInstances(
  reports: readonly (readonly InstanceRow[])[],
): readonly InstanceRow[] {
  const groups = new Map<string, InstanceRow>()
  for (const { count, ...row } of reports.flat()) {
    const key = JSON.stringify(row)
    groups.set(key, { ...row, count: Math.max(count, groups.get(key)?.count ?? 0) })
  }
  return [...groups.values()]
}
