import fc from 'fast-check'
import { compileGlob } from '../../../lib/policy/glob.ts'

describe('glob', () => {
  test.each([
    ['matches itself', 'svc://a/b', 'svc://a/b', true],
    ['covers the whole text', 'svc://a', 'svc://a/b', false],
    ['is anchored at the start', 'a/b', 'svc://a/b', false],
    ['heeds case', 'svc://A', 'svc://a', false],
    ['is empty and matches the empty text', '', '', true],
    ['is empty and matches nothing else', '', 'a', false],
    ['matches anything with a lone star', '*', 'svc://a', true],
    ['matches the empty text with a lone star', '*', '', true],
    ['does not stop at a slash', 'svc://*', 'svc://a/b/c', true],
    ['lets a star stand for nothing', 'svc://a*', 'svc://a', true],
    ['takes a star in front', '*.read', 'orders.read', true],
    ['does not let prefix and suffix share text', 'ab*ba', 'aba', false],
    ['takes every star as a star', 'svc://*/prod/*', 'svc://a/prod/b', true],
    ['needs the pieces in order', '*b*a*', 'ab', false],
    ['does not let a middle piece run into the suffix', 'a*bc*cd', 'abcd', false],
    ['reads several stars in a row as one', 'a***b', 'a-b', true],
    ['has no other special characters', 'a.c', 'abc', false],
    ['takes a question mark literally', 'a?c', 'abc', false],
    ['takes brackets literally', 'a[b]*', 'a[b]c', true],
  ])('%s', (_fact, pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected)
  })

  test('agrees with the textbook definition', () => {
    const small = (extra: string[]) =>
      fc.array(fc.constantFrom('a', 'b', '/', ...extra), { maxLength: 12 }).map((of) => of.join(''))
    fc.assert(
      fc.property(small(['*']), small([]), (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(reference(pattern, text))
      }),
      { numRuns: 20_000 },
    )
  })

  test('takes any text as data', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const literal = text.replaceAll('*', '')
        expect(compileGlob(literal)(literal)).toBe(true)
        expect(compileGlob(`*${literal}*`)(`<${literal}>`)).toBe(true)
      }),
    )
  })

  test.each([
    ['a piece that nearly fits everywhere', `${'*aab'.repeat(40)}*x`],
    ['many stars over one letter', `${'*a'.repeat(200)}*b`],
    ['a long piece that fails at its end', `*${'a'.repeat(400)}b*`],
  ])('takes twice the time for twice the text: %s', (_name, pattern) => {
    const matches = compileGlob(pattern)
    const time = (length: number) => fastest(() => matches('a'.repeat(length)))
    // Backtracking would cost a power of the length; the factor leaves room for a busy machine.
    expect(time(1 << 17)).toBeLessThan(64 * Math.max(time(1 << 13), 0.02))
  })
})

/** By definition: a star takes every possible length in turn. */
function reference(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] !== '*')
    return pattern[0] === text[0] && reference(pattern.slice(1), text.slice(1))
  for (let taken = 0; taken <= text.length; taken++) {
    if (reference(pattern.slice(1), text.slice(taken))) return true
  }
  return false
}

function fastest(run: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}
