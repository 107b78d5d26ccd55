import { compileGlob } from '../../../lib/policy/glob.ts'
import { type FuzzTarget, holds, text } from '../fuzz-target.ts'

/** A pattern and a text, parted by a line feed: the textbook's answer. */
export const glob: FuzzTarget = {
  name: 'glob',
  seeds: ['svc://*/prod/*\nsvc://a/prod/b', 'ab*ba\naba', 'a***b\na-b', '*\n', 'a*bc*cd\nabcd'].map(
    text,
  ),
  dictionary: ['*', '**', '\n', 'a', 'ab', '.*', '(a+)+$'],
  check(input) {
    const [pattern = '', ...rest] = input.subarray(0, 400).toString('latin1').split('\n')
    const subject = rest.join('\n')
    holds(compileGlob(pattern)(subject) === matches(pattern, subject), 'another answer')
  },
}

/** Row by row over the pattern: which beginnings of the text are matched so far. */
function matches(pattern: string, subject: string): boolean {
  let reached = Array.from({ length: subject.length + 1 }, (_, at) => at === 0)
  for (const char of pattern) {
    let any = false
    reached = reached.map((_, at) => {
      if (char !== '*') return at > 0 && reached[at - 1] === true && subject[at - 1] === char
      any ||= reached[at] === true
      return any
    })
  }
  return reached.at(-1) === true
}
