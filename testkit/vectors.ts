import { createHash, sign } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { KEYS, publicJwk } from './keys.ts'

export interface Recipe {
  readonly header?: object
  readonly header_without?: readonly string[]
  readonly header_text?: string
  readonly header_segment?: string
  readonly claims?: object
  readonly without?: readonly string[]
  readonly payload_text?: string
  readonly payload_segment?: string
  readonly signature_segment?: string
  readonly signature_of?: Recipe
  readonly key?: keyof typeof KEYS
}

export interface Vector {
  readonly name: string
  readonly now?: number
  readonly token?: string | Recipe
  readonly authorization?: string | readonly string[] | null
  readonly connection?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly request?: { method: string; path: string; body?: string; body_base64?: string }
  readonly settings?: object
  readonly uses?: number
  readonly before?: readonly Recipe[]
  readonly revoked?: readonly string[]
  readonly expect: 'allow' | { code: string; step?: number; reason?: string; status?: number }
}

export interface VectorFile {
  readonly file: string
  readonly about: string
  readonly isolated?: boolean
  readonly cases: readonly Vector[]
}

/** Where every vector's clock stands unless it says otherwise: Unix seconds. */
export const VECTOR_NOW = 1_774_911_060
/** From when on the process under test has been running. */
export const VECTOR_START = 1_774_900_000

const FOLDER = resolve('test/vectors')

/** Reads the verification vectors. A member the schema does not know stops the run: a typo must not pass. */
export function readVectors(): readonly VectorFile[] {
  const schema = JSON.parse(readFileSync(resolve('schema/vectors.schema.json'), 'utf8'))
  const check = new Ajv2020({ allErrors: true }).compile<Omit<VectorFile, 'file'>>(schema)
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json') && !name.startsWith('ed25519'))
    .map((name) => {
      const content: unknown = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))
      if (!check(content)) throw new TypeError(`${name}: ${JSON.stringify(check.errors)}`)
      return { file: name, ...content }
    })
}

/** The configuration that vectors start from. */
export const BASE_CONFIG = {
  audience: 'https://inventory.internal',
  issuers: [
    { issuer: 'https://issuer.example.test', jwks: jwkSet('trusted') },
    { issuer: 'https://second.example.test', jwks: jwkSet('second') },
  ],
  policy: { allow_all: true },
}

export function configOf(vector: Vector): object {
  return { ...BASE_CONFIG, ...vector.settings }
}

/** The token of a vector. Its id is its own unless the vector gives one. */
export function tokenOf(vector: Vector, salt = ''): string {
  if (typeof vector.token === 'string') return vector.token
  return cook(vector.token ?? {}, idFrom(vector.name + salt))
}

/** The values of `Authorization`. */
export function authorizationOf(vector: Vector, token: string): readonly string[] {
  const { authorization = 'OathMesh {token}' } = vector
  if (authorization === null) return []
  const values = typeof authorization === 'string' ? [authorization] : authorization
  return values.map((value) => value.replaceAll('{token}', token))
}

export function bodyOf({ request }: Vector): Buffer {
  if (request?.body_base64 !== undefined) return Buffer.from(request.body_base64, 'base64')
  return Buffer.from(request?.body ?? '')
}

export function cook(recipe: Recipe, jti: string): string {
  const header = segmentOf(recipe.header_segment, recipe.header_text, () =>
    without({ ...HEADER, ...recipe.header }, recipe.header_without),
  )
  const payload = segmentOf(recipe.payload_segment, recipe.payload_text, () =>
    without({ ...CLAIMS, jti, ...recipe.claims }, recipe.without),
  )
  return `${header}.${payload}.${signatureOf(recipe, `${header}.${payload}`, jti)}`
}

const HEADER = { typ: 'om+jwt', alg: 'EdDSA', kid: KEYS.trusted.kid }
const CLAIMS = {
  iss: 'https://issuer.example.test',
  sub: 'agent://repo/acme/deploy-bot',
  aud: 'https://inventory.internal',
  act: 'inventory.write',
  iat: 1_774_911_000,
  nbf: 1_774_911_000,
  exp: 1_774_911_120,
}

function signatureOf(recipe: Recipe, signingInput: string, jti: string): string {
  if (recipe.signature_segment !== undefined) return recipe.signature_segment
  if (recipe.signature_of !== undefined) return cook(recipe.signature_of, jti).split('.')[2] ?? ''
  const { privateKey } = KEYS[recipe.key ?? 'trusted']
  return sign(null, Buffer.from(signingInput), privateKey).toString('base64url')
}

function segmentOf(
  segment: string | undefined,
  text: string | undefined,
  make: () => object,
): string {
  return segment ?? Buffer.from(text ?? JSON.stringify(make())).toString('base64url')
}

function without(object: object, names: readonly string[] = []): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

function jwkSet(name: keyof typeof KEYS): string {
  return JSON.stringify({ keys: [publicJwk(KEYS[name])] })
}

/** A UUID that belongs to a name. */
export function idFrom(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
