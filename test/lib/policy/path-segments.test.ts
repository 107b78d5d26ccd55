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
    ['/.well-known/..a/a..', ['.well-known', '..a', 'a..']],
    ["/a-._~!$&'()*+,=:@/b", ["a-._~!$&'()*+,=:@", 'b']],
    ['/%7Bid%7D/*', ['{id}', '*']],
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
    ['a fragment', '/orders/export#'],
    ['an encoded fragment', '/tags/C%23'],
    ['an encoded query', '/orders/export%3Fx'],
    ['an encoded percent sign', '/discount/100%25'],
    ['a question mark', '/orders?x'],
    ['a query alone', '?x'],
    ['another authority', '//api.example/orders'],
    ['a raw space', '/orders/a b'],
    ['a raw tab', '/orders/a\tb'],
    ['a raw NUL', '/orders/a\0'],
    ['raw bytes outside of ASCII', '/caf\u00c3\u00a9'],
    ['raw brackets', '/orders/[7]'],
    ['raw braces', '/{id}/*'],
    ['a raw quotation mark', '/orders/"7"'],
    ['a raw caret', '/orders/^7'],
    ['a space at the end of a segment', '/orders/export%20'],
    ['a space at its beginning', '/orders/%20export'],
    ['a space at the end inside', '/orders%20/7'],
    ['a no-break space at the edge', '/orders/export%C2%A0'],
    ['an ideographic space at the edge', '/orders/export%E3%80%80'],
    ['three dots', '/orders/.../7'],
    ['a surrogate', '/orders/%ED%A0%80'],
    ['a path of five bytes for one character', '/orders/%F8%88%80%80%AF'],
  ])('do not exist for %s', (_what, raw) => {
    expect(pathSegments(raw)).toBeUndefined()
  })

  test('are the same however a path is encoded, and never contain a separator', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        '.',
        '/',
        '%2f',
        '%2F',
        '%2e',
        '%',
        '%25',
        '\\',
        ';',
        '%61',
        '%20',
        '#',
        '%23',
        '%3f',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const segments = pathSegments(`/${pieces.join('')}`)
        if (segments === undefined) return
        for (const segment of segments) expect(segment).not.toMatch(/[/\\;%#?]|^\.+$|^\s|\s$/)
        const respelt = segments.map((segment) =>
          Buffer.from(segment).toString('hex').replace(/../g, '%$&'),
        )
        expect(pathSegments(`/${respelt.join('/')}`)).toEqual(segments)
      }),
      { numRuns: 5000 },
    )
  })
})
