import { GUARD_VERSION } from '../../../kong/guard/guard-name.ts'
import type { FindingCode } from './finding.ts'
import { type Found, type GuardUse, HALVES } from './guard-use.ts'

/** What is wrong, before it is told where. */
export interface Fault {
  readonly code: FindingCode
  readonly message: string
  readonly fix: string
}

const HTTP = ['http', 'https', 'grpc', 'grpcs']
const REPLACE = 'Replace the function with the one that "oathmesh kong guard" prints.'

/** What is wrong with the guard's functions in one entity, whatever they cover. */
export function guardFaults(use: GuardUse): readonly Fault[] {
  if (use.found.length === 0) return []
  return [
    ...use.found.flatMap((found) => [...textFaults(found), ...placeFaults(found, use)]),
    ...entityFaults(use),
  ]
}

function textFaults({ recognized }: Found): readonly Fault[] {
  switch (recognized.kind) {
    case 'current':
      return []
    case 'modified': {
      const message = `The function ${recognized.name} is not the text that belongs to its first line.`
      return [{ code: 'guard_modified', message, fix: REPLACE }]
    }
    case 'foreign': {
      const { name, version } = recognized
      const message = `The function ${name} is of version ${version}; this tool's is ${GUARD_VERSION}.`
      return [{ code: 'guard_version', message, fix: REPLACE }]
    }
  }
}

function placeFaults(found: Found, { plugin, entity }: GuardUse): readonly Fault[] {
  const { recognized, phase, index, of } = found
  const half = HALVES[plugin]
  const misplaced = (message: string, fix: string): readonly Fault[] => [
    { code: 'guard_misplaced', message: `The function ${recognized.name} ${message}.`, fix },
  ]
  if (!recognized.name.endsWith(half)) {
    const other = plugin === 'pre-function' ? 'post-function' : 'pre-function'
    return misplaced(`belongs in a ${other}`, `Move it to the access functions of the ${other}.`)
  }
  if (phase !== 'access') {
    return misplaced(`stands in the ${phase} phase`, 'Move it to the access functions.')
  }
  if (index !== (half === 'first' ? 0 : of - 1)) {
    return misplaced(`is not the ${half} of the access functions`, `Make it the ${half} one.`)
  }
  if (recognized.name === 'scoped-access-last' && Object.keys(entity.scope).length === 0) {
    const fix = 'Use the output of "oathmesh kong guard" without --scoped.'
    return misplaced('has no scope here and refuses every route without oathmesh', fix)
  }
  return []
}

function entityFaults({ entity: { enabled, entry } }: GuardUse): readonly Fault[] {
  const faults: Fault[] = []
  if (!enabled) {
    const message = 'The guard is disabled: what the plugin has not decided goes through.'
    faults.push({ code: 'guard_disabled', message, fix: 'Set enabled to true.' })
  }
  for (const member of ['condition', 'ordering']) {
    if (entry[member] === undefined || entry[member] === null) continue
    const message = `The guard has "${member}" set: it may not run, or not where it must.`
    faults.push({ code: 'guard_limited', message, fix: `Remove ${member}.` })
  }
  const { protocols } = entry
  if (Array.isArray(protocols) && !protocols.some((protocol) => HTTP.includes(protocol))) {
    const message = 'The guard is limited to protocols without HTTP.'
    faults.push({ code: 'guard_limited', message, fix: 'Remove protocols.' })
  }
  return faults
}
