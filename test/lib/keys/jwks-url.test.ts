import { jwksUrlOf } from '../../../lib/keys/jwks-url.ts'

const strict = { allowHttp: false }
const open = { allowHttp: true }

describe('the URL of the keys', () => {
  // biome-ignore format: reads as a table
  test.each([
    ['https://issuer.example.test',         'https://issuer.example.test/.well-known/jwks.json'],
    ['https://issuer.example.test/',        'https://issuer.example.test/.well-known/jwks.json'],
    ['https://issuer.example.test/t1',      'https://issuer.example.test/t1/.well-known/jwks.json'],
    ['https://issuer.example.test/t1/',     'https://issuer.example.test/t1/.well-known/jwks.json'],
    ['https://issuer.example.test/t1//',    'https://issuer.example.test/t1/.well-known/jwks.json'],
    ['https://issuer.example.test/a/b',     'https://issuer.example.test/a/b/.well-known/jwks.json'],
    ['https://issuer.example.test:8443/t1', 'https://issuer.example.test:8443/t1/.well-known/jwks.json'],
    ['https://[2001:db8::1]/t1',            'https://[2001:db8::1]/t1/.well-known/jwks.json'],
    ['HTTPS://issuer.example.test',         'https://issuer.example.test/.well-known/jwks.json'],
  ])('of %s keeps its path', (issuer, url) => {
    expect(jwksUrlOf({ issuer }, strict).href).toBe(url)
  })

  test('is jwksUri as it stands, whatever the issuer is called', () => {
    const jwksUri = 'https://keys.example.test/set/'
    expect(jwksUrlOf({ issuer: 'urn:issuer:1', jwksUri }, strict).href).toBe(jwksUri)
  })

  test('may be http where the operator says so', () => {
    expect(jwksUrlOf({ issuer: 'http://127.0.0.1:8080' }, open).protocol).toBe('http:')
    expect(() => jwksUrlOf({ issuer: 'http://127.0.0.1:8080' }, strict)).toThrow('keys.allow_http')
  })

  // biome-ignore format: reads as a table
  const HOSTILE = [
    '', ' ', 'issuer.example.test', '//issuer.example.test', '/keys', 'urn:issuer:1',
    'file:///etc/passwd', 'ftp://a.example.test/', 'data:application/json,{}', 'ws://a.example.test/', 'javascript:0',
    'https:', 'https://', 'https:///keys', 'https:/a.example.test', 'https:a.example.test', 'https:\\\\a.example.test\\keys',
    'https://user@a.example.test', 'https://user:pw@a.example.test/', 'https://@a.example.test', 'https://:@a.example.test',
    'https://a.example.test?x', 'https://a.example.test/?', 'https://a.example.test/keys?kid=1',
    'https://a.example.test#', 'https://a.example.test/#top', 'https://a.example.test/\\evil.example.test',
    'https://a.example.test\\@b.example.test', 'https://a.example.test:99999', 'https://a.example.test:port',
    'https://a b.example.test', 'https://a.example.test/a b', ' https://a.example.test', 'https://a.example.test\n',
    'https://a.example.test/\tkeys', 'https://a.example.test/\u0000', 'https://ex\u00e4mple.test', 'https://a.example.test/\u202e',
    'https://[::1', 'https://%zz.example.test', 'https://a.example.test/é',
  ]

  test.each(HOSTILE)('is never %j, given as jwks_uri', (jwksUri) => {
    const make = () => jwksUrlOf({ issuer: 'https://i.example.test', jwksUri }, open, 'issuers[3]')
    expect(make).toThrow(TypeError)
    expect(make).toThrow('issuers[3].jwks_uri: ')
  })

  test.each(HOSTILE)('is never made from the issuer %j', (issuer) => {
    expect(() => jwksUrlOf({ issuer }, open, 'issuers[3]')).toThrow('issuers[3].issuer: ')
  })
})
