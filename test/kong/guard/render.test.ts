import { parse } from 'yaml'
import { type GuardScope, renderDeck, renderPlugins } from '../../../kong/guard/render.ts'
import { SOURCES } from '../../../kong/guard/sources.ts'
import { nativeFunctions } from '../../../kong/local-gateway/guard-functions.ts'

const pair = (
  form: 'global' | 'scoped',
  scope = {},
  last: 'global' | 'scoped' | 'closed' = form,
  tags = ['oathmesh-guard'],
) => [
  {
    name: 'pre-function',
    ...scope,
    tags,
    config: { access: [SOURCES[`${form}-access-first`]] },
  },
  {
    name: 'post-function',
    ...scope,
    tags,
    config: { access: [SOURCES[`${last}-access-last`]] },
  },
]

describe('the guard as YAML', () => {
  test.each<[GuardScope, unknown[]]>([
    [{ kind: 'global' }, pair('global')],
    [{ kind: 'closed' }, pair('global', {}, 'closed')],
    [{ kind: 'nested' }, pair('scoped')],
    [{ kind: 'service', name: 'orders' }, pair('scoped', { service: 'orders' })],
    [{ kind: 'route', name: 'a: [b]' }, pair('scoped', { route: 'a: [b]' })],
  ])('is a pair of entities for %j', (scope, plugins) => {
    expect(parse(renderPlugins(scope))).toEqual({ plugins })
  })

  test('is a decK file to apply, or to sync together with everything else', () => {
    expect(parse(renderDeck({ kind: 'global' }))).toEqual({
      _format_version: '3.0',
      plugins: pair('global'),
    })
  })

  // decK finds no route or service of another tag than the file selects.
  test('selects no tag unless one is given, which all its entities then carry', () => {
    for (const kind of ['service', 'route'] as const) {
      const scope = { kind, name: 'orders' }
      expect(parse(renderDeck(scope))).not.toHaveProperty('_info')
      expect(parse(renderDeck(scope, 'team-a'))).toEqual({
        _format_version: '3.0',
        _info: { select_tags: ['team-a'] },
        plugins: pair('scoped', { [kind]: 'orders' }, 'scoped', ['oathmesh-guard', 'team-a']),
      })
    }
  })

  test('shows Lua line by line', () => {
    expect(renderPlugins({ kind: 'global' })).toContain(
      '\n        - |\n          -- oathmesh-guard v2 global-access-first\n',
    )
  })
})

describe('the local gateway', () => {
  test('finds a stand-in by the first line of every function', () => {
    const markers = Object.values(SOURCES).map((source) => source.split('\n', 1)[0])
    expect(Object.keys(nativeFunctions).sort()).toEqual(markers.sort())
  })
})
