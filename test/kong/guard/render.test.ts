import { parse } from 'yaml'
import { nativeFunctions } from '../../../kong/guard/native.ts'
import { type GuardScope, renderDeck, renderPlugins } from '../../../kong/guard/render.ts'
import { SOURCES } from '../../../kong/guard/sources.ts'

const pair = (form: 'global' | 'scoped', scope = {}) => [
  {
    name: 'pre-function',
    ...scope,
    tags: ['oathmesh-guard'],
    config: { access: [SOURCES[`${form}-access-first`]] },
  },
  {
    name: 'post-function',
    ...scope,
    tags: ['oathmesh-guard'],
    config: { access: [SOURCES[`${form}-access-last`]] },
  },
]

describe('the guard as YAML', () => {
  test.each<[GuardScope, unknown[]]>([
    [{ kind: 'global' }, pair('global')],
    [{ kind: 'nested' }, pair('scoped')],
    [{ kind: 'service', name: 'orders' }, pair('scoped', { service: 'orders' })],
    [{ kind: 'route', name: 'a: [b]' }, pair('scoped', { route: 'a: [b]' })],
  ])('is a pair of entities for %j', (scope, plugins) => {
    expect(parse(renderPlugins(scope))).toEqual({ plugins })
  })

  test('is a decK file that touches nothing but the guard', () => {
    expect(parse(renderDeck({ kind: 'global' }))).toEqual({
      _format_version: '3.0',
      _info: { select_tags: ['oathmesh-guard'] },
      plugins: pair('global'),
    })
  })

  test('shows Lua line by line', () => {
    expect(renderPlugins({ kind: 'global' })).toContain(
      '\n        - |\n          -- oathmesh-guard v1 global-access-first\n',
    )
  })
})

describe('the local gateway', () => {
  test('finds a stand-in by the first line of every function', () => {
    const markers = Object.values(SOURCES).map((source) => source.split('\n', 1)[0])
    expect(Object.keys(nativeFunctions).sort()).toEqual(markers.sort())
  })
})
