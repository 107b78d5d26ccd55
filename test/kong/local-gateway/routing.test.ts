import { stringify } from 'yaml'
import { readDeclarativeConfig } from '../../../kong/local-gateway/declarative-config.ts'
import { isBadTarget } from '../../../kong/local-gateway/is-bad-target.ts'
import { parseTarget } from '../../../kong/local-gateway/request-target.ts'
import { Router } from '../../../kong/local-gateway/router.ts'
import { upstreamUri } from '../../../kong/local-gateway/upstream-uri.ts'

function routesOf(routes: readonly object[], base = '/'): Router {
  const services = [{ name: 'up', url: `http://up.example${base}`, routes }]
  return new Router(readDeclarativeConfig(stringify({ _format_version: '3.0', services })).routes)
}

describe('the router', () => {
  const router = routesOf([
    { name: 'root', paths: ['/'] },
    { name: 'items', paths: ['/items', '/i'] },
    { name: 'item', paths: ['/items/1'] },
    { name: 'posts', paths: ['/items'], methods: ['POST'] },
    { name: 'host', hosts: ['a.example'] },
    { name: 'host and path', hosts: ['b.example'], paths: ['/items'] },
    { name: 'host and method', hosts: ['b.example'], methods: ['POST'] },
  ])

  test.each([
    ['GET', 'x', '/', 'root'],
    ['GET', 'x', '/items', 'items'],
    ['GET', 'x', '/itemsandmore', 'items'],
    ['GET', 'x', '/i/2', 'items'],
    ['GET', 'x', '/items/1/2', 'item'],
    // More kinds of conditions count more than a longer path.
    ['POST', 'x', '/items/1/2', 'posts'],
    ['POST', 'x', '/other', 'root'],
    // Of as many, the one with a host.
    ['GET', 'a.example', '/items/1', 'host'],
    ['GET', 'b.example', '/items/1', 'host and path'],
    ['POST', 'b.example', '/items', 'host and path'],
    ['POST', 'b.example', '/', 'host and method'],
    ['GET', 'b.example', '/', 'root'],
  ])('sends %s to %s%s by the route "%s"', (method, host, path, expected) => {
    expect(router.find({ method, host, path })?.route.entity.name).toBe(expected)
  })

  test('finds none where none fits', () => {
    const only = routesOf([{ name: 'posts', paths: ['/a'], methods: ['POST'] }])
    expect(only.find({ method: 'GET', host: 'x', path: '/a' })).toBeUndefined()
    expect(only.find({ method: 'POST', host: 'x', path: '/b' })).toBeUndefined()
  })
})

describe('the path of a request', () => {
  // As Kong's own normalisation says, run on 200 000 random paths.
  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['//a///b//', '/a/b/'],
    ['/a/./b/.', '/a/b/'],
    ['/a/../b/..', '/'],
    ['/../../a', '/a'],
    ['/a/%2e%2E/b', '/b'],
    ['/a%2f..%2Fb', '/a%2F..%2Fb'],
    ['/%7Ea%20%41', '/~a A'],
    ['/%c3%a9', '/Ã©'],
    ['/%25%zz%', '/%25%zz%'],
    ['/a/...', '/a/...'],
  ])('%s is normalised to %s', (rawPath, expected) => {
    expect(parseTarget(rawPath).path).toBe(expected)
  })

  test.each([
    ['/a?b?c', '/a', 'b?c'],
    ['/a?', '/a', ''],
    ['/a', '/a', undefined],
    ['http://up.example/a?b', '/a', 'b'],
    ['http://up.example', '/', undefined],
    ['http://up.example?b', '/', 'b'],
  ])('%s has the path %s and the query %s', (target, rawPath, rawQuery) => {
    expect(parseTarget(target)).toMatchObject({ rawPath, rawQuery })
  })
})

describe('the path for the upstream', () => {
  // As Kong's path handling v0 says, run on all of these and 400 more.
  // biome-ignore format: reads as a table
  test.each([
    [true,  '/',    '/a', '/a',        '/'],
    [true,  '/',    '/a', '/a/b',      '/b'],
    [true,  '/',    '/a', '/ab',       '/b'],
    [true,  '/',    '/a', '/a/',       '/'],
    [true,  '/up',  '/a', '/a',        '/up'],
    [true,  '/up',  '/a', '/a/',       '/up/'],
    [true,  '/up',  '/a', '/a/b',      '/up/b'],
    [true,  '/up/', '/a', '/a',        '/up'],
    [true,  '/up/', '/a', '/a/',       '/up/'],
    [true,  '/up/', '/a', '/a/b',      '/up/b'],
    [true,  '/up',  '/',  '/',         '/up'],
    [true,  '/up/', '/',  '/',         '/up/'],
    [true,  '/up',  '/a', '/a../b',    '/up/b'],
    [false, '/',    '/a', '/a/b',      '/a/b'],
    [false, '/up',  '/a', '/a/b',      '/up/a/b'],
    [false, '/up/', '/a', '/a/b',      '/up/a/b'],
    [false, '/up',  '/',  '/',         '/up'],
    [false, '/',    '/a', '/a//%41/.', '/a/A/'],
    [false, '/',    '/a', '/a%20"%2f', '/a%20%22%2F'],
    [false, '/',    '/a', '/a%c3%a9',  '/a%C3%A9'],
    [false, '/',    '/a', '/a?b c=%',  '/a?b c=%'],
  ])('strip %s, service %s, route %s: %s becomes %s', (strip, base, prefix, target, expected) => {
    const { path, ...rest } = parseTarget(target)
    const router = routesOf([{ name: 'r', paths: [prefix], strip_path: strip }], base)
    const match = router.find({ method: 'GET', host: 'x', path })
    if (match === undefined) throw new Error('no route')
    expect(upstreamUri(match, { path, ...rest })).toBe(expected)
  })
})

describe('a target that nginx refuses', () => {
  // Run on a Kong 3.9.3.
  test.each([
    ...[
      '/a%00b',
      '/a%00',
      '/a%0',
      '/a%',
      '/a%zz',
      '/a%%20',
      '/a;b%',
      '/a%00?b',
      '/a\x01b',
      '/a\x7fb',
      '*',
    ],
    ...[
      '/../a',
      '/a/../../b',
      '/%2e%2e/a',
      '/a/%2E%2e/%2e%2e/b',
      '/%2e%2e',
      '//..//a',
      '/a/..%2f../b',
    ],
  ])('%j is bad', (target) => {
    expect(isBadTarget(parseTarget(target))).toBe(true)
  })

  test.each([
    ...[
      '/',
      '/a/..',
      '/a/b/../..',
      '/a#b',
      '/#%',
      '/a%23b',
      '/a%0ab',
      '/a%7f',
      '/a%2500b',
      '/a?%00',
      '/a?%2',
    ],
    ...['/a%c0%af', '/a\xff', '/a/.../b', '/a\\..\\b', 'http://x/a', 'http://x'],
  ])('%j is not', (target) => {
    expect(isBadTarget(parseTarget(target))).toBe(false)
  })
})
