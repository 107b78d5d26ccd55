import { compileGlob } from '../../lib/policy/glob.ts'
import { formatInstant } from '../../lib/ports/clock.ts'
import type { AuditRecord } from './audit-record.ts'

/** Which lines are wanted. All members must fit; of a list, any entry. */
export interface FilterOptions {
  readonly event?: string
  readonly step?: readonly number[]
  /** Globs, in which `*` stands for any run of characters. */
  readonly reason?: readonly string[]
  readonly sub?: readonly string[]
  readonly route?: readonly string[]
  /** Milliseconds since the epoch; the first instant that is wanted. */
  readonly since?: number
  /** The first instant that is not. */
  readonly until?: number
}

type Test = (record: AuditRecord) => boolean

/** Compiles options into a test of one line. A line without the member in question does not fit. */
export function filterOf(options: FilterOptions): Test {
  const { event, step, reason, sub, route, since, until } = options
  const tests: Test[] = []
  if (event !== undefined) tests.push((record) => record.event === event)
  if (step !== undefined) tests.push(({ step: by }) => by !== undefined && step.includes(by))
  if (reason !== undefined) tests.push(globTest('reason', reason))
  if (sub !== undefined) tests.push(globTest('sub', sub))
  if (route !== undefined) tests.push(globTest('route', route))
  if (since !== undefined) tests.push(from(since))
  if (until !== undefined) tests.push(not(from(until)))
  return (record) => tests.every((test) => test(record))
}

function globTest(name: 'reason' | 'sub' | 'route', patterns: readonly string[]): Test {
  const globs = patterns.map(compileGlob)
  return ({ [name]: value }) => value !== undefined && globs.some((fits) => fits(value))
}

/** Instants of one form are in the order of their texts, which spares parsing every line's. */
function from(instant: number): Test {
  const text = formatInstant(instant)
  return ({ ts }) => ts >= text
}

function not(test: Test): Test {
  return (record) => !test(record)
}
