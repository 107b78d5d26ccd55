import fc from 'fast-check'
import { pathSegments } from '../../../lib/policy/path-segments.ts'
import {
  compileRequirements,
  type Requirements,
  type RequireSettings,
} from '../../../lib/policy/requirements.ts'
import { many } from '../../../testkit/many.ts'
import { claimsWith } from './claims.ts'
import { PATH_READERS, plainTarget } from './path-readers.ts'

const METHOD = 'GET'
const WORDS = ['orders', 'export', 'admin', 'a b', 'café', 'kilo', 'k']

const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...WORDS) },
  fc.constantFrom('{id}', '{name}'),
)
const template = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '/', '/*'))
  .map(([segments, end]) => `/${segments.join('/')}${end}`)

/** Every route has an action of its own, so that whoever may take one path may not take another. */
const table = fc
  .tuple(fc.uniqueArray(template, { minLength: 1, maxLength: 6 }), fc.boolean(), fc.boolean())
  .map(
    ([paths, anyMethod, fallback]): RequireSettings => ({
      routes: paths
        .filter((path, at) => paths.findIndex((other) => shapeOf(other) === shapeOf(path)) === at)
        .map((path, at) => ({ method: anyMethod ? '*' : METHOD, path, action: `route.${at}` })),
      ...(fallback && { action: 'fallback' }),
    }),
  )

function shapeOf(path: string): string {
  return path.replace(/\{\w+\}/g, '{}')
}

const SPELLINGS: readonly ((text: string, at: number) => string)[] = [
  (text, at) => edit(text, at, (char) => hex(char)),
  (text, at) => edit(text, at, (char) => hex(char).toLowerCase()),
  (text, at) => edit(text, at, (char) => char.toUpperCase()),
  (text, at) => edit(text, at, (char) => hex(fullWidth(char))),
  (text, at) => edit(text, at, (char) => hex(char).replaceAll('%', '%25')),
  (text, at) => edit(text, at, (char) => `${char}%CC%81`),
  (text, at) => edit(text, at, (char) => `%E2%80%8B${char}`),
  (text) => `${text}/`,
  (text) => `${text}//`,
  (text) => `/${text}`,
  (text) => `//upstream.example${text}`,
  (text) => `http://upstream.example${text}`,
  (text) => `/x/..${text}`,
  (text) => `/x/%2e%2E${text}`,
  (text) => `/x/..;${text}`,
  (text) => text.replace(/\/(?=[^/]*$)/, '/./'),
  (text) => text.replace(/\/(?=[^/]*$)/, '/%2e/'),
  (text) => text.replace(/\/(?=[^/]*$)/, '%2F'),
  (text) => text.replace(/\/(?=[^/]*$)/, '\\'),
  (text) => text.replace(/\/(?=[^/]*$)/, '%5c'),
  (text) => text.replace(/\/(?=[^/]*$)/, '%c0%af'),
  (text) => text.replaceAll('%20', '+'),
  (text) => text.replaceAll('k', '%E2%84%AA'),
  (text) => text.replaceAll('%C3%A9', 'e%CC%81'),
  (text) => text.replaceAll('%C3%A9', '%E9'),
  ...[
    ...[
      '#',
      '#x',
      '%23',
      '%3F',
      '?',
      '?x',
      ';',
      ';x=1',
      '%3Bx',
      '%00',
      '%00.png',
      '.',
      '%2e',
      '..',
    ],
    ...[
      '.json',
      '.',
      '%20',
      '+',
      '%09',
      '%0a',
      ' ',
      '/.',
      '/..',
      '/%2e',
      '%',
      '%2',
      '%zz',
      '%252F',
      '\\',
    ],
    ...['%c2%a0', '%e3%80%80', '%ff', '/;x', '/%20', ',1', '@', ':', '*'],
  ].map((end) => (text: string) => `${text}${end}`),
]

function edit(text: string, at: number, change: (char: string) => string): string {
  const plain = [...text.matchAll(/[a-z]/g)]
  const found = plain[at % Math.max(1, plain.length)]
  if (found === undefined || /%[0-9a-f]?$/i.test(text.slice(0, found.index))) return text
  return text.slice(0, found.index) + change(found[0]) + text.slice(found.index + 1)
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&')
}

function fullWidth(char: string): string {
  return String.fromCharCode(char.charCodeAt(0) + 0xfee0)
}

const respelling = fc.array(fc.tuple(fc.constantFrom(...SPELLINGS), fc.nat(30)), {
  minLength: 1,
  maxLength: 3,
})
/** Words of the tables with an id now and then, so that many paths are on a route. */
const plainPath = fc
  .array(fc.constantFrom(...WORDS, '7', 'Seven'), { minLength: 1, maxLength: 4 })
  .map((words) => `/${words.join('/')}`)

const respelt = fc
  .tuple(plainPath, respelling)
  .map(([path, changes]) =>
    changes.reduce((text, [change, at]) => change(text, at), plainTarget(path)),
  )

function allowed(requirements: Requirements, settings: RequireSettings, target: string) {
  const rawPath = target.split('?', 1).join()
  const actions = ['fallback', ...(settings.routes ?? []).map(({ action }) => action)]
  const line = { method: METHOD, rawPath }
  return actions.filter((act) => requirements.check(claimsWith({ act }), line) === 'ok')
}

describe('a request spelt otherwise', () => {
  test.each(Object.entries(PATH_READERS))(
    'is refused, or judged as the path that %s takes it for',
    (_name, read) => {
      fc.assert(
        fc.property(table, respelt, (settings, target) => {
          const taken = read(target)
          // A path that no route can list, whoever reads it: nothing is granted for it.
          if (taken === undefined || pathSegments(plainTarget(taken)) === undefined) return
          const requirements = compileRequirements(settings)
          const asTaken = allowed(requirements, settings, plainTarget(taken))
          for (const act of allowed(requirements, settings, target)) expect(asTaken).toContain(act)
        }),
        { numRuns: many(3000) },
      )
    },
  )

  test.each(Object.entries(PATH_READERS))(
    'is not a test of nothing: %s reads some anew',
    (_name, read) => {
      const samples = fc.sample(respelt, { numRuns: 400, seed: 7 })
      const anew = samples.filter((target) => {
        const taken = read(target)
        return taken !== undefined && plainTarget(taken) !== target.split('?', 1).join()
      })
      expect(anew.length).toBeGreaterThan(20)
    },
  )

  test('leaves plain requests with the one action of their route', () => {
    const settings: RequireSettings = {
      routes: [
        { method: 'GET', path: '/orders/{id}', action: 'route.0' },
        { method: 'GET', path: '/orders/export', action: 'route.1' },
        { method: 'GET', path: '/files/*', action: 'route.2' },
      ],
    }
    const requirements = compileRequirements(settings)
    expect(allowed(requirements, settings, '/orders/7')).toEqual(['route.0'])
    expect(allowed(requirements, settings, '/orders/export')).toEqual(['route.1'])
    expect(allowed(requirements, settings, '/orders/Exports')).toEqual(['route.0'])
    expect(allowed(requirements, settings, '/files/a/b.pdf')).toEqual(['route.2'])
  })
})
