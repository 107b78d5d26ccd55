import { compileRequirements, type RequireSettings } from '../../../lib/policy/requirements.ts'
import { claimsWith } from './claims.ts'

const SHOP: RequireSettings = {
  routes: [
    { method: '*', path: '/orders/*', action: 'orders.admin' },
    { method: 'GET', path: '/orders/{id}', action: 'orders.read' },
    { method: 'GET', path: '/orders/purge', action: 'orders.purge' },
    { method: '*', path: '/orders/{id}', action: 'orders.write' },
    { method: 'POST', path: '/orders', action: 'orders.*', scopes: ['orders'] },
    { method: 'GET', path: '/{any}/health', action: 'health.read' },
  ],
}

describe('requirements', () => {
  test.each([
    ['GET', '/orders/7', 'orders.read'],
    ['GET', '/orders/purge', 'orders.purge'],
    ['GET', '/orders/%70urge', 'orders.purge'],
    ['DELETE', '/orders/7', 'orders.write'],
    ['DELETE', '/orders/purge', 'orders.write'],
    ['HEAD', '/orders/7', 'orders.write'],
    ['GET', '/orders/7/items', 'orders.admin'],
    ['GET', '/orders/health', 'orders.read'],
    ['GET', '/stock/health', 'health.read'],
  ])('%s %s takes %s and no other action', (method, rawPath, action) => {
    const { check } = compileRequirements(SHOP)
    for (const act of [
      'orders.read',
      'orders.purge',
      'orders.write',
      'orders.admin',
      'health.read',
    ]) {
      const expected = act === action ? 'ok' : 'action_mismatch'
      expect([act, check(claimsWith({ act }), { method, rawPath })]).toEqual([act, expected])
    }
  })

  test.each([
    ['GET', '/'],
    ['GET', '/orders'],
    ['post', '/orders'],
    ['GET', '/Orders/7'],
    ['GET', '/stock'],
    ['GET', '/stock/../orders/7'],
    ['GET', '/orders/7%2Fitems'],
    ['GET', '/orders/purge;x=1'],
    ['GET', '/orders/purge#'],
    ['GET', '/orders/purge%23'],
    ['GET', '/orders/purge%3Fx'],
    ['GET', '/orders/purge%20'],
    ['GET', '//orders/7'],
    ['GET', 'orders/7'],
  ])('%s %s is on no route and takes no action', (method, rawPath) => {
    const { check } = compileRequirements({
      routes: SHOP.routes?.map((route) => ({ ...route, action: '*', scopes: [] })),
    })
    expect(check(claimsWith(), { method, rawPath })).toBe('action_mismatch')
  })

  test.each([
    ['HEAD', '/orders/7', 'orders.write', 'orders.read'],
    ['HEAD', '/orders/other/7', 'orders.admin', 'orders.read'],
  ])('%s %s is told apart where its route says so', (method, rawPath, act, other) => {
    const { check } = compileRequirements(SHOP)
    expect(check(claimsWith({ act }), { method, rawPath })).toBe('ok')
    expect(check(claimsWith({ act: other }), { method, rawPath })).toBe('action_mismatch')
  })

  test.each([
    ['*', '/files/secret'],
    ['*', '/files/SECRET'],
    ['HEAD', '/files/secret.txt'],
  ])('HEAD needs what a more specific GET needs, under %s: %s', (method, rawPath) => {
    const { check } = compileRequirements({
      routes: [
        { method, path: '/files/*', action: 'files.*' },
        { method: 'GET', path: '/files/secret', action: '*.admin' },
      ],
    })
    const line = { method: 'HEAD', rawPath }
    expect(check(claimsWith({ act: 'files.read' }), line)).toBe('action_mismatch')
    expect(check(claimsWith({ act: 'files.admin' }), line)).toBe('ok')
    expect(check(claimsWith({ act: 'files.read' }), { ...line, rawPath: '/files/a' })).toBe('ok')
  })

  test('take the action for requests that no route lists', () => {
    const { check } = compileRequirements({ ...SHOP, action: 'other.*' })
    const line = { method: 'GET', rawPath: '/stock' }
    expect(check(claimsWith({ act: 'other.read' }), line)).toBe('ok')
    expect(check(claimsWith({ act: 'orders.read' }), line)).toBe('action_mismatch')
    expect(check(claimsWith({ act: 'other.read' }), { ...line, rawPath: '/orders/7' })).toBe(
      'action_mismatch',
    )
  })

  test.each<[what: string, method: string, rawPath: string, needs: string]>([
    ['a slash at the end, which needs what the form without needs', 'GET', '/orders/purge/', 'bc'],
    ['a slash at the end of what is listed with one only', 'GET', '/files/', 'fx'],
    ['a slash at the end where both forms are listed', 'GET', '/docs/', 'de'],
    ['no slash where both forms are listed', 'GET', '/docs', 'de'],
    ['a slash at the end that no route lists', 'GET', '/fb/7/', 'xz'],
    ['another case', 'GET', '/orders/PURGE', 'ab'],
    ['a letter of full width', 'GET', '/orders/%EF%BD%90urge', 'ab'],
    ['an accent', 'GET', '/orders/pu%CC%81rge', 'ab'],
    ['an invisible character', 'GET', '/orders/pur%E2%80%8Bge', 'ab'],
    ['a format', 'GET', '/orders/purge.json', 'ab'],
    ['a dot at the end', 'GET', '/orders/purge.', 'ab'],
    ['several dots at the end', 'GET', '/orders/purge...', 'ab'],
    ['a plus at the end', 'GET', '/orders/purge+', 'ab'],
    ['a plus for a space', 'GET', '/orders/two+words', 'ag'],
    ['the name of a file without its format', 'GET', '/orders/report', 'ah'],
    ['another format of that name', 'GET', '/orders/report.txt', 'a'],
    ['a method that frameworks answer as GET', 'HEAD', '/fb/7', 'xz'],
    ['a method that they do not', 'DELETE', '/fb/7', 'x'],
    ['a path that is like a route but for a segment', 'GET', '/FILES/a', 'fx'],
    ['the root, which is like nothing', 'GET', '/', 'x'],
  ])(
    'ask for all that a reader may make of %s: %s %s needs %s',
    (_what, method, rawPath, needs) => {
      const paths = {
        a: '/orders/{id}',
        b: '/orders/purge',
        c: '/orders/*',
        d: '/docs',
        e: '/docs/',
        f: '/files/*',
        g: '/orders/two words',
        h: '/orders/report.pdf',
        z: '/fb/{id}',
      }
      const { check } = compileRequirements({
        action: '*x*',
        routes: Object.entries(paths).map(([letter, path]) => {
          return { method: 'GET', path, action: `*${letter}*` }
        }),
      })
      const outcome = (act: string) => check(claimsWith({ act }), { method, rawPath })
      expect(outcome(needs)).toBe('ok')
      for (const one of needs) {
        expect([one, outcome(`-${needs.replace(one, '')}`)]).toEqual([one, 'action_mismatch'])
      }
    },
  )

  test.each([
    ['get', '/orders/7'],
    ['delete', '/orders/7'],
    ['Delete', '/stock'],
    ['GET ', '/stock'],
    ['GÉT', '/stock'],
    ['', '/stock'],
  ])(
    'refuse the method "%s", which some reader writes in capitals, whatever the action',
    (method, rawPath) => {
      const { check } = compileRequirements({ ...SHOP, action: '*' })
      expect(check(claimsWith(), { method, rawPath })).toBe('action_mismatch')
    },
  )

  test('refuse an ambiguous path whatever the action', () => {
    const { check } = compileRequirements({ ...SHOP, action: '*' })
    const line = { method: 'GET', rawPath: '/stock/..%2Forders/purge' }
    expect(check(claimsWith(), line)).toBe('action_mismatch')
  })

  test('refuse when the request line they need is not there', () => {
    const requirements = compileRequirements({ ...SHOP, action: '*' })
    expect(requirements.needsRequestLine).toBe(true)
    expect(requirements.check(claimsWith())).toBe('action_mismatch')
  })

  test('need no request line without routes', () => {
    const requirements = compileRequirements({ action: 'orders.*', scopes: ['a', 'b'] })
    expect(requirements.needsRequestLine).toBe(false)
    expect(requirements.check(claimsWith({ scope: ['b', 'c', 'a'] }))).toBe('ok')
    expect(requirements.check(claimsWith({ scope: ['a'] }))).toBe('scope_missing')
    expect(requirements.check(claimsWith())).toBe('scope_missing')
    expect(requirements.check(claimsWith({ act: 'stock.read' }))).toBe('action_mismatch')
  })

  test('add the scopes of the route to those of every request', () => {
    const { check } = compileRequirements({ ...SHOP, scopes: ['shop'] })
    const line = { method: 'POST', rawPath: '/orders' }
    expect(check(claimsWith({ scope: ['shop', 'orders'] }), line)).toBe('ok')
    expect(check(claimsWith({ scope: ['shop'] }), line)).toBe('scope_missing')
    expect(check(claimsWith({ scope: ['orders'] }), line)).toBe('scope_missing')
  })

  test('that are empty let every call pass', () => {
    expect(compileRequirements({}).check(claimsWith())).toBe('ok')
    expect(compileRequirements({ routes: [], scopes: [] }).check(claimsWith())).toBe('ok')
  })

  const route = { method: 'GET', path: '/a', action: 'a' }
  test.each<[string, RequireSettings, string]>([
    ['an empty action', { action: '' }, 'require.action: must not be empty'],
    [
      'an empty action of a route',
      { routes: [{ ...route, action: '' }] },
      'require.routes[0].action: must not be empty',
    ],
    [
      'a method in lower case',
      { routes: [{ ...route, method: 'get' }] },
      'require.routes[0].method: must be a method in capitals, or "*"',
    ],
    [
      'a star inside a method',
      { routes: [{ ...route, method: 'G*' }] },
      'require.routes[0].method: must be',
    ],
    [
      'a path without a slash',
      { routes: [{ ...route, path: 'a' }] },
      'require.routes[0].path: must be a decoded path',
    ],
    [
      'an encoded path',
      { routes: [{ ...route, path: '/%61' }] },
      'require.routes[0].path: must be a decoded path',
    ],
    [
      'a dot segment',
      { routes: [{ ...route, path: '/a/../b' }] },
      'require.routes[0].path: must be a decoded path',
    ],
    [
      'a star that is not last',
      { routes: [{ ...route, path: '/*/a' }] },
      'require.routes[0].path: "*" must be text',
    ],
    [
      'a star beside text',
      { routes: [{ ...route, path: '/a*' }] },
      'require.routes[0].path: "a*" must be text',
    ],
    [
      'a parameter beside text',
      { routes: [{ ...route, path: '/a-{id}' }] },
      'require.routes[0].path: "a-{id}" must be text',
    ],
    [
      'a parameter without a name',
      { routes: [{ ...route, path: '/{}' }] },
      'require.routes[0].path: "{}" must be text',
    ],
    [
      'two routes for the same requests',
      {
        routes: [
          { ...route, path: '/{a}' },
          { ...route, path: '/{b}' },
        ],
      },
      'require.routes[1]: lists the same requests as require.routes[0]',
    ],
  ])('are refused for %s', (_fault, settings, message) => {
    expect(() => compileRequirements(settings)).toThrow(TypeError)
    expect(() => compileRequirements(settings)).toThrow(message)
  })
})
