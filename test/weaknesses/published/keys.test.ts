import { body, document, JwksServer } from '../../../testkit/jwks-server.ts'
import { atOnce, cacheOf, newKey } from '../../lib/keys/fixture.ts'

const key = newKey('key')
let server: JwksServer
beforeEach(async () => {
  server = await JwksServer.start(document({ keys: [key.jwk] }))
})
afterEach(() => server.stop())

const cacheFor = (settings = {}, issuer = server.origin) =>
  cacheOf({ issuers: [{ issuer }], settings }).cache

test('W-04 a stranger who invents key ids causes two fetches, not two thousand', async () => {
  const cache = cacheFor()
  for (let call = 0; call < 2000; call++) await cache.find(server.origin, `invented ${call}`)
  expect(server.requests).toBe(2)
})

test('W-12 keys are not fetched over http, nor from another place than the configured one', async () => {
  expect(() => cacheFor({ allowHttp: false })).toThrow('must be https')
  server.answer = (request, response) => {
    if (request.url === '/elsewhere') return document({ keys: [key.jwk] })(request, response)
    response.writeHead(302, { location: '/elsewhere' })
    response.end()
  }
  expect((await cacheFor().find(server.origin, 'key')).found).not.toBe('key')
  expect(server.requests).toBe(1)
})

test.each([
  ['null', null],
  ['a text', 'key'],
  ['a list', [[]]],
  ['without x', { ...key.jwk, x: undefined }],
  ['with x that is a number', { ...key.jwk, x: 7 }],
  ['with a short x', { ...key.jwk, x: 'AAAA' }],
  ['with a kid that is an object', { ...key.jwk, kid: {} }],
])('W-13 a JWK that is %s harms neither the process nor its neighbours', async (_, malformed) => {
  server.answer = body(JSON.stringify({ keys: [malformed, newKey('good').jwk] }))
  expect((await cacheFor().find(server.origin, 'good')).found).toBe('key')
})

test('W-21 keys are there before the first call needs them', async () => {
  const cache = cacheFor()
  await cache.prewarm()
  expect(server.requests).toBe(1)
  expect(cache.find(server.origin, 'key')).toMatchObject({ found: 'key' })
})

describe('W-35', () => {
  test('what a stranger chooses is kept in a bounded table', async () => {
    const cache = cacheFor()
    const invented = Array.from({ length: 3000 }, (_, at) => cache.find(server.origin, `${at}`))
    await Promise.all(invented)
    expect(cache.stats()[0]?.misses).toBeLessThanOrEqual(256)
  })

  test('a key of one issuer does not sign for another', async () => {
    const other = await JwksServer.start(document({ keys: [newKey('other').jwk] }))
    const issuers = [{ issuer: server.origin }, { issuer: other.origin }]
    const { cache } = cacheOf({ issuers })
    expect((await cache.find(other.origin, 'key')).found).toBe('unknown_kid')
    expect((await cache.find(server.origin, 'key')).found).toBe('key')
    await other.stop()
  })
})

test('W-36 one issuer that hangs holds up nobody else', async () => {
  const hanging = await JwksServer.start(() => {})
  const { cache } = cacheOf({ issuers: [{ issuer: hanging.origin }, { issuer: server.origin }] })
  const stuck = cache.find(hanging.origin, 'key')
  await cache.find(server.origin, 'key')
  const others = Array.from({ length: 100 }, () => atOnce(cache.find(server.origin, 'key')))
  expect(new Set(others)).toEqual(new Set(['key']))
  await hanging.stop()
  expect((await stuck).found).not.toBe('key')
})

test('W-38 a receiver needs public keys only, and takes no private one', () => {
  const jwk = { ...key.jwk, ...key.privateKey.export({ format: 'jwk' }) }
  const withPrivate = { issuers: [{ issuer: 'https://a.test', jwks: { keys: [jwk] } }] }
  expect(() => cacheOf(withPrivate)).toThrow('private')
})
