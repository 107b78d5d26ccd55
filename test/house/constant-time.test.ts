import { execFileSync } from 'node:child_process'

/** What a stranger sends and what it is held against: a comparison that stops early tells how far it got. */
const SECRETS = '(secret|digest|hmac|rqh|signature|password|mac|credential|passphrase)'

/** Comparisons with `undefined`, with nothing, of a type or of a length tell nothing. */
const HARMLESS =
  /undefined|null|None|nil|''|""|typeof|\.length|len\(|\.name\b|=== '[a-z_]+'|kind|code/i

interface Line {
  readonly where: string
  readonly text: string
}

function comparisons(operator: string, ...places: readonly string[]): readonly Line[] {
  const word = `[A-Za-z_.]*${SECRETS}[A-Za-z]*`
  const pattern = `\\b${word} ${operator} |${operator} ${word}\\b`
  const found = execFileSync(
    'git',
    ['grep', '-nEi', '-e', pattern, '--', ...places, ':!*_test.go', ':!*/tests/*'],
    { encoding: 'utf8' },
  )
  return found
    .trim()
    .split('\n')
    .map((line) => {
      const [file = '', number = '', ...rest] = line.split(':')
      return { where: `${file}:${number}`, text: rest.join(':').trim() }
    })
}

describe('a secret is compared in constant time', () => {
  test('in TypeScript', () => {
    const places = ['lib/*.ts', 'issuer/*.ts', 'plugins/*.ts', 'envoy/*.ts', 'sdk/node/*.ts']
    const found = comparisons('[!=]==', ...places)
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter(({ text }) => !HARMLESS.test(text))).toEqual([])
  })

  test('in Go and Python', () => {
    const found = comparisons('[!=]=', 'sdk/go/*.go', 'sdk/python/src/*.py')
    expect(found.filter(({ text }) => !HARMLESS.test(text))).toEqual([])
  })

  test.each([
    ['the request binding', 'lib/verify/steps/binding.ts', 'timingSafeEqual'],
    ['a client secret', 'issuer/clients/secret-hash.ts', 'timingSafeEqual'],
    ['a secret that was seen before', 'issuer/clients/static-clients.ts', 'timingSafeEqual'],
    ['the seal of an audit line', 'lib/audit/chain-check.ts', 'timingSafeEqual'],
    ['the request binding in Go', 'sdk/go/verify/steps_request.go', 'ConstantTimeCompare'],
    ['the request binding in Python', 'sdk/python/src/oathmesh/verify/steps.py', 'compare_digest'],
  ])('%s by %s', (_, file, call) => {
    expect(execFileSync('git', ['grep', '-c', call, '--', file], { encoding: 'utf8' })).toContain(
      file,
    )
  })
})
