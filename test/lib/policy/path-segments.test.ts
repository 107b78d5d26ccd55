import fc from 'fast-check'
import { pathSegments } from '../../../lib/policy/path-segments.ts'

describe('path segments', () => {
  test.each([
    ['/', ['']],
    ['/orders', ['orders']],
    ['/orders/', ['orders', '']],
    ['/orders/7/items', ['orders', '7', 'items']],
    ['/%6Frders/%37', ['orders', '7']],
    ['/caf%C3%A9/a%20b', ['café', 'a b']],
    ['/tags/C%23', ['tags', 'C#']],
    ['/discount/100%25', ['discount', '100%']],
    ['/.well-known/..a/a..', ['.well-known', '..a', 'a..']],
    ['/{id}/*', ['{id}', '*']],
  ])('reads %s', (raw, expected) => {
    expect(pathSegments(raw)).toEqual(expected)
  })

  test.each([
    ['an empty path', ''],
    ['an absolute form', 'http://api.example/orders'],
    ['an asterisk', '*'],
    ['a dot segment', '/orders/./7'],
    ['two dots', '/orders/../admin'],
    ['two dots at the end', '/orders/..'],
    ['encoded dots', '/orders/%2e%2E/admin'],
    ['dots encoded by half', '/orders/.%2e/admin'],
    ['an empty segment', '//orders'],
    ['an empty segment inside', '/orders//7'],
    ['two slashes at the end', '/orders//'],
    ['an encoded slash', '/orders%2F7'],
    ['an encoded slash in lower case', '/orders%2f7'],
    ['a backslash', '/orders\\7'],
    ['an encoded backslash', '/orders%5C7'],
    ['a path parameter', '/orders/..;/admin'],
    ['an encoded semicolon', '/orders/purge%3Bx'],
    ['an encoded NUL', '/orders/purge%00'],
    ['a line break', '/orders/purge%0A'],
    ['a C1 control', '/orders/%C2%85'],
    ['incomplete encoding', '/orders/%2'],
    ['encoding of no digits', '/orders/%zz'],
    ['invalid UTF-8', '/orders/%ff'],
    ['an overlong slash', '/orders/%c0%af'],
    ['a slash encoded twice', '/orders/%252F'],
    ['dots encoded twice', '/orders/%252e%252e/admin'],
    ['encoding that appears after decoding', '/orders/%25%32%46'],
  ])('do not exist for %s', (_what, raw) => {
    expect(pathSegments(raw)).toBeUndefined()
  })

  test('are the same however a path is encoded, and never contain a separator', () => {
    const piece = fc.constantFrom('a', '.', '/', '%2f', '%2F', '%2e', '%', '%25', '\\', ';', '%61')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const segments = pathSegments(`/${pieces.join('')}`)
        if (segments === undefined) return
        for (const segment of segments)
          expect(segment).not.toMatch(/[/\\;]|^\.{1,2}$|%[0-9a-f]{2}/i)
        const respelt = segments.map((segment) =>
          Buffer.from(segment).toString('hex').replace(/../g, '%$&'),
        )
        expect(pathSegments(`/${respelt.join('/')}`)).toEqual(segments)
      }),
      { numRuns: 5000 },
    )
  })
})
