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
    ['/stra%C3%9Fe/%E6%97%A5%E6%9C%AC/%E0%A4%B9%E0%A4%BF', ['straße', '日本', 'हि']],
    ['/1%E2%80%A6/%C2%BD', ['1…', '½']],
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
    ['a slash of full width', '/orders/7%EF%BC%8Fexport'],
    ['a fraction slash', '/orders/7%E2%81%84export'],
    ['a division slash', '/orders/7%E2%88%95export'],
    ['a sign that is compatible with one that holds a slash', '/orders/7%E2%84%80export'],
    ['a backslash of full width', '/orders/7%EF%BC%BCexport'],
    ['a semicolon of full width', '/orders/export%EF%BC%9Bx'],
    ['a Greek question mark, which is a semicolon', '/orders/export%CD%BEx'],
    ['a hash of full width', '/orders/export%EF%BC%83'],
    ['a question mark of full width', '/orders/export%EF%BC%9F'],
    ['a percent sign of full width', '/orders/%EF%BC%852e'],
    ['dots of full width', '/orders/%EF%BC%8E%EF%BC%8E/admin'],
    ['a two-dot leader', '/orders/%E2%80%A5/admin'],
    ['dots with something invisible between', '/orders/.%E2%80%8B./admin'],
    ['a dot and a variation selector', '/orders/.%EF%B8%8F/admin'],
    ['a segment that nobody sees', '/orders/%E2%80%8B/admin'],
    ['a segment that nobody sees at the end', '/orders/%E3%85%A4'],
    ['a space before something invisible at the edge', '/orders/export%20%E2%80%8B'],
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
