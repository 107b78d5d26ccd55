import fc from 'fast-check'
import {
  cook,
  idFrom,
  VECTOR_NOW as NOW,
  type Recipe,
  readVectors,
  tokenOf,
} from '../../../testkit/vectors.ts'
import { mutationsOf } from '../mutations.ts'

const HEADERS = [{}, { kid: 'second-key' }, { alg: 'none' }, { crit: ['b64'] }, { jwk: {} }]
const CLAIMS = [
  {},
  { scope: ['a', 'b'], reason: 'r', env: 'prod', tenant: 't', delegated_by: 'user://a' },
  { src: { type: 'github_actions', repo: 'acme/shop', run_id: '7' } },
  { nbf: undefined, iat: 1_774_911_059.5 },
  { exp: 1_774_911_030 },
  { sub: 'job://a_b/c.d-e', act: 'x' },
]
/** What means something in a header, in claims or between the parts. */
const WORDS = [
  '"', '\\', ',', ':', '{', '}', '[', ']', 'null', '1e3', '-0', '.0', '"exp":', '"aud":', '"sub":',
  '"typ":"om+jwt"', '"kid":', '\\u0061', '\\ud800', '\xff', '\xc3\xa9', ' ', '.', '=',
] // biome-ignore format: a list of words

const json = (value: object) => Buffer.from(JSON.stringify(value))
const payloadOf = (recipe: Recipe) =>
  Buffer.from(cook(recipe, '-').split('.')[1] ?? '', 'base64url')
const headerOf = (recipe: Recipe) => Buffer.from(cook(recipe, '-').split('.')[0] ?? '', 'base64url')

const payloads = mutationsOf(
  CLAIMS.map((claims) => payloadOf({ claims })),
  WORDS,
)
const headers = mutationsOf(
  [...HEADERS.map((header) => headerOf({ header })), json([]), json({})],
  WORDS,
)
/** Values at and around the bounds of each claim. */
const EDGES: Readonly<Record<string, readonly unknown[]>> = {
  iat: [NOW, NOW + 29, NOW + 30, NOW - 290, NOW - 0.5, -1, null],
  exp: [NOW + 1, NOW - 29, NOW - 30, NOW + 240, NOW + 300, 1e300, '1'],
  nbf: [NOW, NOW + 29.999, NOW + 30, null, ''],
  sub: ['svc://a', 'svc://a/', 'svc://', 'user://x y', 'agent://-._/', null],
  aud: ['https://inventory.internal', 'https://inventory.internal/', [], null],
  act: ['x', '', null, 7],
  iss: ['https://second.example.test', 'https://issuer.example.test/', ''],
  scope: [[], ['a'], 'a', [7], null, ['']],
  src: [{}, { type: 'x' }, { type: 7 }, [], null],
  rqh: [null, '', `sha256:${'0'.repeat(64)}`],
  reason: ['', 'r', 7, '\u202e', null],
  jti: ['', 'x', 'a'.repeat(300), '00000000-0000-4000-8000-000000000000', null],
}
const claim = fc.constantFrom(
  ...Object.entries(EDGES).flatMap(([name, values]) => values.map((value) => [name, value])),
)
const edges = fc.array(claim, { maxLength: 3 }).map((claims) => Object.fromEntries(claims))

const texts = mutationsOf(
  readVectors().flatMap(({ cases }) => cases.map((vector) => Buffer.from(tokenOf(vector)))),
  ['.', '=', '-', '_', 'AA', 'e30'],
)

/** What a client can put on the wire: tokens whose claims or header were changed before they were signed, or after. */
const tokens: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: edges.map((claims) => signed({ claims })) },
  { weight: 4, arbitrary: payloads.map((bytes) => signed({ payload_segment: segment(bytes) })) },
  { weight: 2, arbitrary: headers.map((bytes) => signed({ header_segment: segment(bytes) })) },
  // Whatever a field of HTTP may hold. RFC 9110, 5.5.
  { weight: 2, arbitrary: texts.map((bytes) => bytes.toString('latin1').replace(/[^!-~]/g, '')) },
)

/** So many different ones. */
export function mutatedTokens(count: number, seed: number): readonly string[] {
  const different = new Set<string>()
  for (let each = seed; different.size < count; each++) {
    for (const token of fc.sample(tokens, { numRuns: count, seed: each })) {
      if (token !== '' && different.size < count) different.add(token)
    }
  }
  return [...different]
}

function signed(recipe: Recipe): string {
  return cook(recipe, idFrom(JSON.stringify(recipe)))
}

function segment(bytes: Buffer): string {
  return bytes.toString('base64url')
}
