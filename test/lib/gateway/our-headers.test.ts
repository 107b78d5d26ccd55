import { ourHeaders } from '../../../lib/gateway/our-headers.ts'

describe('the headers that are ours', () => {
  const ours = ourHeaders(['X-Account'])

  test.each([
    ...['X-OathMesh-Subject', 'x_oathmesh_anything', 'X-OATHMESH_decision'],
    ...['authorization', 'AUTHORIZATION', 'x-account', 'X_Account'],
  ])('%s is one', (name) => {
    expect(ours.has(name)).toBe(true)
  })

  test.each(['x-oathmesh', 'my-x-oathmesh-subject', 'proxy-authorization', 'x-accounts'])(
    '%s is none',
    (name) => {
      expect(ours.has(name)).toBe(false)
    },
  )

  test.each(['content-length', 'Transfer-Encoding', 'close, Host', 'content_length'])(
    'share Connection: %s with what frames a request',
    (value) => {
      expect(ours.namedIn([value])).toBe(true)
    },
  )

  test.each(['close', 'keep-alive, TE', 'upgrade, HTTP2-Settings', 'trailer', 'x-content-length'])(
    'are not named by Connection: %s',
    (value) => {
      expect(ours.namedIn([value])).toBe(false)
    },
  )

  test('are found in Connection whatever stands between names', () => {
    for (const between of [',', ' , ', ';', '\t', '\u00a0', '"', '\u0000']) {
      expect([between, ours.namedIn([`close${between}X-Account${between}`])]).toEqual([
        between,
        true,
      ])
    }
  })
})
