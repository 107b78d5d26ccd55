import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { DENIED, encodeAnswer } from '../../envoy/encode-answer.ts'
import { readCheckRequest } from '../../envoy/wire/check-request.ts'
import { type CheckResponse, writeCheckResponse } from '../../envoy/wire/check-response.ts'
import { readCheckResponse } from '../../envoy/wire/read-check-response.ts'
import { silentLog } from '../../lib/ports/log.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const name = fc.stringMatching(/^x-[a-z]{1,12}$/)
const value = fc.stringMatching(/^[\x21-\x7e]{0,40}$/)
const metadata = fc.dictionary(fc.stringMatching(/^[a-z_]{1,10}$/), fc.oneof(text, fc.integer()), {
  noNullPrototype: true,
})
const denied: fc.Arbitrary<CheckResponse> = fc.record(
  {
    kind: fc.constant('denied' as const),
    code: fc.integer({ min: 1, max: 16 }),
    httpStatus: fc.integer({ min: 400, max: 599 }),
    headers: fc.array(fc.tuple(name, value), { maxLength: 4 }),
    body: text,
    metadata,
  },
  { noNullPrototype: true },
)
const ok: fc.Arbitrary<CheckResponse> = fc.record(
  {
    kind: fc.constant('ok' as const),
    headers: fc.uniqueArray(fc.tuple(name, value), { maxLength: 4, selector: ([own]) => own }),
    remove: fc.array(fc.stringMatching(/^y[-_][a-z]{1,12}$/), { maxLength: 4 }),
    metadata,
  },
  { noNullPrototype: true },
)

describe('an answer', () => {
  test('reads back as it was written, or is refused', () => {
    fc.assert(
      fc.property(fc.oneof(ok, denied), (response) => {
        const bytes = encodeAnswer(response, silentLog)
        if (bytes !== DENIED) expect(readCheckResponse(bytes)).toEqual(response)
        else expect(JSON.stringify(response)).toMatch(/\\ud|__proto__|�/i)
      }),
    )
  })

  test('of garbage is no answer, or one that was written whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const read = readCheckResponse(bytes)
          if (read?.kind === 'denied') expect(read.code).not.toBe(0)
        } catch (cause) {
          expect(cause).toBeInstanceOf(Error)
        }
      }),
    )
  })

  test.each<readonly [string, CheckResponse]>([
    [
      'a denial with the code of an allow',
      { kind: 'denied', code: 0, httpStatus: 403, headers: [], body: '', metadata: {} },
    ],
    [
      'a name that is set and removed',
      { kind: 'ok', headers: [['x-a', '1']], remove: ['X-A'], metadata: {} },
    ],
    [
      'a name that is set twice',
      {
        kind: 'ok',
        headers: [
          ['x-a', '1'],
          ['x-a', '2'],
        ],
        remove: [],
        metadata: {},
      },
    ],
    [
      'a value that ends its line',
      { kind: 'ok', headers: [['x-a', '1\r\nx-b: 2']], remove: [], metadata: {} },
    ],
    ['a pseudo header', { kind: 'ok', headers: [[':path', '/admin']], remove: [], metadata: {} }],
    [
      'a value that is not UTF-16',
      { kind: 'ok', headers: [['x-a', '\ud800']], remove: [], metadata: {} },
    ],
    [
      'a code that is none',
      { kind: 'denied', code: Number.NaN, httpStatus: 403, headers: [], body: '', metadata: {} },
    ],
  ])('%s becomes a denial', (_, response) => {
    expect(encodeAnswer(response, silentLog)).toBe(DENIED)
  })

  test('the last resort is a denial', () => {
    expect(readCheckResponse(DENIED)).toMatchObject({ kind: 'denied', httpStatus: 503, code: 14 })
  })

  test('an empty one, and a status alone, are neither', () => {
    expect(readCheckResponse(new Uint8Array())).toBeUndefined()
    expect(readCheckResponse(new Uint8Array([0x0a, 0]))).toBeUndefined()
  })

  test('one of both kinds is neither', () => {
    const [pass, deny] = [
      { kind: 'ok', headers: [], remove: [], metadata: {} },
      { kind: 'denied', code: 7, httpStatus: 403, headers: [], body: '', metadata: {} },
    ] as const
    const both = Buffer.concat([writeCheckResponse(deny), writeCheckResponse(pass).subarray(2)])
    expect(readCheckResponse(both)).toBeUndefined()
  })
})

test('a Check of garbage throws, or says little', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(readCheckRequest(bytes).headers).toBeInstanceOf(Array)
      } catch (cause) {
        expect(cause).toBeInstanceOf(Error)
      }
    }),
  )
})

describe('a Check', () => {
  const nested = (number: number, content: Uint8Array) =>
    new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content).finish()
  /** attributes.request.http with these fields. */
  const checkOf = (http: Uint8Array) => readCheckRequest(nested(1, nested(4, nested(2, http))))

  test.each([
    0,
    1,
    127,
    128,
    16_384,
    2 ** 31,
    2 ** 40,
    2 ** 53 - 1,
    -1,
    -2,
    -(2 ** 31),
    -(2 ** 53) + 1,
  ])('has a size of %d', (size) => {
    const http = new BinaryWriter().tag(9, WireType.Varint).int64(size).finish()
    expect(checkOf(http).size).toBe(size)
  })

  test('may have fields of every kind that we do not know', () => {
    const http = new BinaryWriter()
      .tag(2, WireType.LengthDelimited)
      .string('GET')
      .tag(90, WireType.Varint)
      .uint64('18446744073709551615')
      .tag(91, WireType.Bit32)
      .fixed32(1)
      .tag(92, WireType.Bit64)
      .fixed64(1)
      .tag(536_870_911, WireType.LengthDelimited)
      .string('ä')
      .tag(4, WireType.LengthDelimited)
      .string('/a')
      .finish()
    expect(checkOf(http)).toMatchObject({ method: 'GET', path: '/a' })
  })

  test.each([
    ['a message longer than what holds it', '0a05220312ff'],
    ['a number that ends with the message', '0a0422021280'],
    ['a number of eleven bytes', '0a1122 0f120d48ffffffffffffffffffffff01'],
    ['a text where a message belongs', '0a022201'],
    ['a field without a number', '0000'],
    ['a group', '0b0c'],
    ['a number where a message belongs', '0801'],
  ])('of %s throws', (_, hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(() => readCheckRequest(bytes)).toThrow(TypeError)
  })
})
