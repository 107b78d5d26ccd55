import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Node, parse } from 'acorn'
import { simple } from 'acorn-walk'
import { transformSync } from 'esbuild'
import { checkSync } from 'recheck'

/** What runs in a gateway, an issuer, a service or a command; the tests' own patterns meet no stranger. */
const FOLDERS = ['lib', 'plugins', 'envoy', 'issuer', 'cli', 'schema', 'sdk/node', 'kong/guard']

interface Pattern {
  readonly file: string
  readonly source: string
  readonly flags: string
}

function patternsIn(file: string, text: string): readonly Pattern[] {
  const { code } = transformSync(text, { loader: 'ts', target: 'es2022' })
  const found: Pattern[] = []
  const program: Node = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
  simple(program, {
    Literal(literal) {
      const { regex } = literal
      if (regex !== undefined) found.push({ file, source: regex.pattern, flags: regex.flags })
    },
  })
  return found
}

const files = execFileSync('git', ['ls-files', ...FOLDERS.map((folder) => `${folder}/*.ts`)], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
const patterns = files.flatMap((file) => patternsIn(file, readFileSync(file, 'utf8')))

/** `vulnerable` is polynomial or exponential in some text; `unknown` is not proven. */
function statusOf({ source, flags }: Pattern): string {
  return checkSync(source, flags, { timeout: 20_000 }).status
}

describe('regular expressions', () => {
  test('are found', () => {
    expect(patterns.length).toBeGreaterThan(100)
  })

  test('that are not linear are told', () => {
    expect(statusOf({ file: '', source: '^(a+)+$', flags: '' })).toBe('vulnerable')
  })

  test('take linear time, whatever the text', () => {
    const different = new Map(patterns.map((one) => [`/${one.source}/${one.flags}`, one]))
    const notLinear = [...different]
      .map(([text, one]) => ({ text, file: one.file, status: statusOf(one) }))
      .filter(({ status }) => status !== 'safe')
    expect(notLinear).toEqual([])
  }, 300_000)
})
