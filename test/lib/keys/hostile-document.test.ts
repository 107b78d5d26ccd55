import { gzipSync } from 'node:zlib'
import { body, document, JwksServer } from '../../../testkit/jwks-server.ts'
import { cacheOf, newKey } from './fixture.ts'

const good = newKey('good')
const bad = newKey('bad')

const text = (value: unknown) => JSON.stringify(value)
const set = (...keys: unknown[]) => text({ keys })
/** An entry that is as good as `bad.jwk` but for these members; `undefined` removes one. */
const twisted = (members: object) => ({ ...bad.jwk, ...members })
/** 32 bytes in hexadecimal, little-endian as RFC 8032 has them, as `x`. */
const x = (hex: string) => ({ x: Buffer.from(hex, 'hex').toString('base64url') })
const withLastBit = (encoded: unknown) => {
  const last = String(encoded).slice(-1)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return String(encoded).slice(0, -1) + alphabet[alphabet.indexOf(last) | 1]
}

let server: JwksServer
beforeAll(async () => {
  server = await JwksServer.start()
})
afterAll(() => server.stop())

async function lookUp(kid: string) {
  const { cache, log } = cacheOf({ issuers: [{ issuer: server.origin }] })
  const { found } = await cache.find(server.origin, kid)
  const [stats] = cache.stats()
  return { found, cache, stats, cause: String(log.lines[0]?.fields['cause']) }
}

// biome-ignore format: reads as a table
const WHOLE_DOCUMENTS: [name: string, content: string | Uint8Array, cause: string][] = [
  ['nothing',                       '',                                   'is not JSON'],
  ['white space',                   ' \r\n',                              'is not JSON'],
  ['HTML',                          '<html></html>',                      'is not JSON'],
  ['random bytes',                  Buffer.from('fffe00d800ff', 'hex'),   'is not JSON'],
  ['half a document',               set(good.jwk).slice(0, -3),           'is not JSON'],
  ['a document and a half',         `${set(good.jwk)}{"keys":[`,          'is not JSON'],
  ['two documents',                 set(good.jwk) + set(good.jwk),        'is not JSON'],
  ['a byte order mark',             `\ufeff${set(good.jwk)}`,             'is not JSON'],
  ['UTF-16',                        Buffer.from(set(good.jwk), 'utf16le'), 'is not JSON'],
  ['invalid UTF-8',                 Buffer.concat([Buffer.from('{"keys":[],"a":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]), 'is not JSON'],
  ['a comment',                     `/* keys */${set(good.jwk)}`,         'is not JSON'],
  ['a trailing comma',              '{"keys":[],}',                       'is not JSON'],
  ['"keys" twice',                  `{"keys":[],"keys":[${text(good.jwk)}]}`, 'is not JSON'],
  ['"keys" twice, once escaped',    `{"keys":[],"k\\u0065ys":[${text(good.jwk)}]}`, 'is not JSON'],
  ['a member twice in a key',       `{"keys":[{"kid":"a",${text(good.jwk).slice(1)}]}`, 'is not JSON'],
  ['30 000 open brackets',          '['.repeat(30_000),                   'is not JSON'],
  ['30 000 nested lists',           '['.repeat(30_000) + ']'.repeat(30_000), ''],
  ['null',                          'null',                               'is not a JSON object'],
  ['a number',                      '1e999',                              'is not a JSON object'],
  ['a string',                      text(set(good.jwk)),                  'is not a JSON object'],
  ['a list',                        text([good.jwk]),                     'is not a JSON object'],
  ['an object without keys',        '{}',                                 'has no list "keys"'],
  ['one key instead of a set',      text(good.jwk),                       'has no list "keys"'],
  ['keys in another letter case',   text({ Keys: [good.jwk] }),           'has no list "keys"'],
  ['keys by prototype',             `{"__proto__":${set(good.jwk)}}`,     'has no list "keys"'],
  ['keys null',                     '{"keys":null}',                      'has no list "keys"'],
  ['keys as an object',             text({ keys: { good: good.jwk } }),   'has no list "keys"'],
  ['keys as an object with length', text({ keys: { 0: good.jwk, length: 1 } }), 'has no list "keys"'],
  ['one kid for two keys',          set(good.jwk, { ...bad.jwk, kid: 'good' }), 'gives one kid to two keys'],
  ['one kid for two equal keys',    set(good.jwk, good.jwk),              'gives one kid to two keys'],
  ['one kid for keys of two types', set(good.jwk, { kty: 'RSA', kid: 'good' }), 'gives one kid to two keys'],
  ['101 keys',                      set(...Array.from({ length: 101 }, (_, n) => ({ ...good.jwk, kid: `k${n}` }))), 'has more than 100 keys'],
  ['101 nulls',                     set(...Array.from({ length: 101 }, () => null)), 'has more than 100 keys'],
  ['64 KiB and a byte',             set(good.jwk).padEnd(65_537),         'longer than 65536 bytes'],
  ['a megabyte',                    Buffer.alloc(1 << 20, 0x20),          'longer than 65536 bytes'],
]

// biome-ignore format: reads as a table
const SINGLE_KEYS: [name: string, entry: unknown, reason: string][] = [
  ['null',                       null,                                  'is not an object'],
  ['a string',                   'bad',                                 'is not an object'],
  ['a list',                     [bad.jwk],                             'is not an object'],
  ['an empty object',            {},                                    'kid is not'],
  ['no kid',                     twisted({ kid: undefined }),           'kid is not'],
  ['an empty kid',               twisted({ kid: '' }),                  'kid is not'],
  ['a number as kid',            twisted({ kid: 1 }),                   'kid is not'],
  ['a kid of 257 characters',    twisted({ kid: 'k'.repeat(257) }),     'kid is not'],
  ['no kty',                     twisted({ kty: undefined }),           'kty is not OKP'],
  ['kty RSA',                    twisted({ kty: 'RSA', n: 'AQAB', e: 'AQAB' }), 'kty is not OKP'],
  ['kty oct',                    twisted({ kty: 'oct' }),               'kty is not OKP'],
  ['kty in lower case',          twisted({ kty: 'okp' }),               'kty is not OKP'],
  ['kty as a list',              twisted({ kty: ['OKP'] }),             'kty is not OKP'],
  ['no crv',                     twisted({ crv: undefined }),           'crv is not Ed25519'],
  ['crv X25519',                 twisted({ crv: 'X25519' }),            'crv is not Ed25519'],
  ['crv Ed448',                  twisted({ crv: 'Ed448' }),             'crv is not Ed25519'],
  ['crv P-256',                  twisted({ crv: 'P-256' }),             'crv is not Ed25519'],
  ['use enc',                    twisted({ use: 'enc' }),               'use is not sig'],
  ['use null',                   twisted({ use: null }),                'use is not sig'],
  ['use empty',                  twisted({ use: '' }),                  'use is not sig'],
  ['alg ES256',                  twisted({ alg: 'ES256' }),             'alg is not EdDSA'],
  ['alg none',                   twisted({ alg: 'none' }),              'alg is not EdDSA'],
  ['alg null',                   twisted({ alg: null }),                'alg is not EdDSA'],
  ['alg in lower case',          twisted({ alg: 'eddsa' }),             'alg is not EdDSA'],
  ['key_ops without verify',     twisted({ key_ops: ['sign'] }),        'key_ops lacks verify'],
  ['key_ops as a string',        twisted({ key_ops: 'verify' }),        'key_ops lacks verify'],
  ['a private key',              twisted({ d: 'A'.repeat(43) }),        'holds a private key'],
  ['an empty private member',    twisted({ d: '' }),                    'holds a private key'],
  ['a null private member',      twisted({ d: null }),                  'holds a private key'],
  ['a symmetric key',            twisted({ k: 'AAAA' }),                'holds a private key'],
  ['no x',                       twisted({ x: undefined }),             'x is not a string'],
  ['x null',                     twisted({ x: null }),                  'x is not a string'],
  ['x as bytes',                 twisted({ x: Array.from(Buffer.alloc(32)) }), 'x is not a string'],
  ['x empty',                    twisted({ x: '' }),                    'x is not 32 bytes long'],
  ['x of 31 bytes',              twisted(x('01'.repeat(31))),           'x is not 32 bytes long'],
  ['x of 33 bytes',              twisted(x('01'.repeat(33))),           'x is not 32 bytes long'],
  ['x of 1 byte, as upstream panics on', twisted({ x: 'AA' }),          'x is not 32 bytes long'],
  ['x in hexadecimal',           twisted({ x: '01'.repeat(32) }),       'x is not 32 bytes long'],
  ['x with padding',             twisted({ x: `${bad.jwk['x']}=` }),    'x is not base64url'],
  ['x with a line break',        twisted({ x: `${bad.jwk['x']}\n` }),   'x is not base64url'],
  ['x in plain base64',          twisted({ x: `${'A'.repeat(42)}+` }),  'x is not base64url'],
  ['x with spare bits set',      twisted({ x: withLastBit(bad.jwk['x']) }), 'x is not base64url'],
  ['x of impossible length',     twisted({ x: 'A'.repeat(45) }),        'x is not base64url'],
  ['y equal to the prime',       twisted(x(`ed${'ff'.repeat(30)}7f`)),  'x is not in canonical encoding'],
  ['y above the prime',          twisted(x(`f0${'ff'.repeat(30)}7f`)),  'x is not in canonical encoding'],
  ['y above the prime, negative', twisted(x('ff'.repeat(32))),          'x is not in canonical encoding'],
  ['a y that has no x',          twisted(x(`02${'00'.repeat(31)}`)),    'x is not a point of the curve'],
  ['the point of order two',     twisted(x(`ec${'ff'.repeat(30)}7f`)),  'x is a point of small order'],
  ['the neutral point',          twisted(x(`01${'00'.repeat(31)}`)),    'x is a point of small order'],
]

describe('a document that is unusable as a whole', () => {
  test.each(WHOLE_DOCUMENTS)('%s', async (_name, content, expectedCause) => {
    server.answer = body(content)
    const { found, stats, cause } = await lookUp('good')

    expect(found).toBe('invalid_document')
    expect(stats).toMatchObject({ keys: 0, failures: 1 })
    expect(cause).toContain(expectedCause)
  })
})

describe('an unusable key is dropped alone', () => {
  test.each(SINGLE_KEYS)('%s', async (_name, entry, reason) => {
    server.answer = body(set(entry, good.jwk))
    const { found, stats, cache, cause } = await lookUp('bad')

    expect(found).toBe('unknown_kid')
    expect(cache.find(server.origin, 'good')).toMatchObject({ found: 'key' })
    expect(stats).toMatchObject({ keys: 1, droppedKeys: 1, failures: 0 })
    expect(cause).toContain(`keys[0] ${reason}`)
  })
})

describe('a document that is unusual but good', () => {
  const { alg, use, ...bare } = good.jwk
  // biome-ignore format: reads as a table
  test.each([
    ['64 KiB to the byte',                 body(set(good.jwk).padEnd(65_536))],
    ['white space around',                 body(`\n\t ${set(good.jwk)}\r\n`)],
    ['100 keys',                           document({ keys: [good.jwk, ...Array.from({ length: 99 }, (_, n) => ({ ...bad.jwk, kid: `${n}` }))] })],
    ['members that nobody knows',          document({ keys: [{ ...good.jwk, x5c: ['AAAA'], hint: null }], next: 1 })],
    ['neither alg nor use',                document({ keys: [bare] })],
    ['key_ops with verify',                document({ keys: [{ ...good.jwk, key_ops: ['verify'] }] })],
    ['another content type',               body(set(good.jwk), 200, { 'content-type': 'text/html' })],
    ['members called __proto__',           body(`{"__proto__":{},"keys":[{"__proto__":{"d":"AAAA"},${text(good.jwk).slice(1)}]}`)],
  ])('%s', async (_name, answer) => {
    server.answer = answer
    expect(await lookUp('good')).toMatchObject({ found: 'key' })
  })

  test('does not invent an alg that the key has not', async () => {
    server.answer = document({ keys: [bare] })
    const { cache } = await lookUp('good')

    const lookup = await cache.find(server.origin, 'good')
    expect(lookup.found === 'key' && 'alg' in lookup.key).toBe(false)
  })

  test('finds no key by the name of a built-in', async () => {
    server.answer = document({ keys: [good.jwk] })
    for (const kid of ['__proto__', 'constructor', 'toString', '']) {
      expect((await lookUp(kid)).found).toBe('unknown_kid')
    }
  })
})

describe('an answer that is not a document', () => {
  // biome-ignore format: reads as a table
  test.each([
    [201, 'invalid_document'], [204, 'invalid_document'], [206, 'invalid_document'],
    [304, 'invalid_document'], [400, 'invalid_document'], [401, 'invalid_document'],
    [403, 'invalid_document'], [404, 'invalid_document'], [410, 'invalid_document'],
    [408, 'unreachable'], [429, 'unreachable'],
    [500, 'unreachable'], [502, 'unreachable'], [503, 'unreachable'], [504, 'unreachable'],
  ])('status %i with a good body', async (status, expected) => {
    server.answer = body(status === 204 || status === 304 ? '' : set(good.jwk), status)

    expect(await lookUp('good')).toMatchObject({
      found: expected,
      cause: `answered with status ${status}`,
    })
  })

  test.each([301, 302, 303, 307, 308])('redirect %i is not followed', async (status) => {
    const { requests } = server
    server.answer = body(set(good.jwk), status, { location: `${server.origin}/elsewhere` })

    expect(await lookUp('good')).toMatchObject({ found: 'invalid_document' })
    expect(server.requests - requests).toBe(1)
  })

  test('a compressed body, which nobody asked for', async () => {
    server.answer = (request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity')
      body(gzipSync(set(good.jwk)), 200, { 'content-encoding': 'gzip' })(request, response)
    }

    expect(await lookUp('good')).toMatchObject({
      found: 'invalid_document',
      cause: 'the body is compressed',
    })
  })
})

test('a reason never quotes what the issuer sent', async () => {
  server.answer = document({
    keys: [twisted({ kid: 'bad', alg: 'secret-value', d: 'secret-value' })],
  })
  expect((await lookUp('bad')).cause).not.toContain('secret-value')
})

test('the same doubtful document is reported once', async () => {
  server.answer = document({ keys: [good.jwk, twisted({ use: 'enc' })] })
  const { cache, time, log, settled } = cacheOf({ issuers: [{ issuer: server.origin }] })
  await cache.prewarm()
  for (let refresh = 0; refresh < 5; refresh++) {
    time.advance(48)
    await settled()
  }

  expect(cache.stats()).toMatchObject([{ fetches: 6 }])
  expect(log.lines).toHaveLength(1)
})
