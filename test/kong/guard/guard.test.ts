import { REFUSALS } from '../../../lib/denial.ts'
import { luaOutcomes } from './lua-outcomes.ts'
import { nativeOutcome } from './native-outcome.ts'
import { COMPLETE_ROWS } from './row.ts'

const lua = luaOutcomes(COMPLETE_ROWS)
const rows = COMPLETE_ROWS.map((row, at) => ({ ...row, outcome: lua[at] }))

describe('the guard in Lua', () => {
  test.each(rows)('$name', ({ outcome, expect: expected }) => {
    expect(outcome?.outcome).toBe(expected.outcome)
    if (expected.upstream !== undefined) expect(outcome?.upstream).toBe(expected.upstream)
    if (expected.log !== undefined) expect(outcome?.log).toContain(expected.log)
    if (expected.outcome === 503) expect(outcome?.log).toMatch(/^oathmesh guard: /)
    else expect(outcome?.log).toBe('')
  })
})

describe('the guard in TypeScript', () => {
  const both = rows.filter(({ applies }) => applies !== undefined)

  test.each(both)('does as Lua does: $name', (row) => {
    expect({ ...nativeOutcome(row), log: row.outcome?.log }).toEqual(row.outcome)
  })
})

describe('the words of the guard', () => {
  const wordsOf = (status: number) => lua.filter(({ outcome }) => outcome === status)

  test('are those of the plugin for headers', () => {
    const causes = [REFUSALS.too_many_headers, REFUSALS.hop_by_hop_identity]
    const words = causes.map(({ code, message, fix }) => ({ error: code, message, fix }))
    const said = wordsOf(400).map(({ error, message, fix, cacheControl }) => {
      expect(cacheControl).toBe('no-store')
      return { error, message, fix }
    })
    expect(said).toEqual(expect.arrayContaining(words))
    expect(words).toEqual(expect.arrayContaining(said))
  })

  test('are those of the plugin for what could not be verified, and say when to retry', () => {
    const { code, message } = REFUSALS.internal_error
    const { fix } = REFUSALS.deadline_exceeded
    for (const outcome of wordsOf(503)) {
      expect(outcome).toMatchObject({
        error: code,
        message,
        fix,
        retryAfter: '1',
        cacheControl: 'no-store',
      })
    }
    expect(wordsOf(503)).not.toHaveLength(0)
  })
})
