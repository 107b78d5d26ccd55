import { REFUSALS } from '../lib/denial.ts'
import type { Decision } from '../lib/index.ts'
import { decideByCore } from '../testkit/decide-by-core.ts'
import { readVectors, type Vector } from '../testkit/vectors.ts'

const files = readVectors()

describe.each(files)('$file', ({ cases }) => {
  test.each(cases)('$name', async (vector) => {
    expect(outcomeOf(await decideByCore(vector), vector)).toEqual(vector.expect)
  })
})

describe('the vectors as a whole', () => {
  const expected = files.flatMap(({ cases }) => cases.map((vector) => vector.expect))

  test('are at least 120 rows', () => {
    expect(expected.length).toBeGreaterThanOrEqual(120)
  })

  test('raise every code of the table, and no other', () => {
    const raised = new Set(expected.flatMap((expect) => (expect === 'allow' ? [] : [expect.code])))
    const table = new Set(Object.values(REFUSALS).map(({ code }) => code))
    expect([...raised].sort()).toEqual([...table].sort())
  })
})

/** Everything a vector can state: what it leaves open is left out of the comparison. */
function outcomeOf({ verdict }: Decision, { expect: expected }: Vector): Vector['expect'] {
  if (verdict.outcome === 'allow') return 'allow'
  const { denial } = verdict
  const { code, status } = denial.refusal
  const stated = expected === 'allow' ? {} : expected
  return {
    code,
    ...(denial.step !== undefined && { step: denial.step }),
    ...('reason' in stated && { reason: denial.auditReason }),
    ...('status' in stated && { status }),
  }
}
