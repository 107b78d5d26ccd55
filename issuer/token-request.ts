import type { Source } from '../lib/token/claims.ts'
import { isJsonObject, type JsonObject } from '../lib/token/members.ts'
import { isSubject } from '../lib/token/subject.ts'
import { refuse } from './refusal.ts'
import { hasPlainSegments } from './subject-segments.ts'

/** What a caller asks to be minted. Spec 13.2; `tenant` besides, which upstream's issuer ignores. */
export interface TokenRequest {
  /** Absent where the identity token says it. */
  readonly sub?: string
  readonly aud: string
  readonly act: string
  /** Seconds, 1–300. */
  readonly ttlSeconds: number
  readonly scope?: readonly string[]
  readonly reason?: string
  readonly env?: string
  readonly tenant?: string
  readonly rqh?: string
  readonly src?: Source
}

const DEFAULT_TTL_SECONDS = 120
const MAX_TTL_SECONDS = 300
const MAX_SCOPES = 64
const RQH = /^sha256:[0-9a-f]{64}$/
/** Nothing that acts on whoever displays it. */
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u
const MEMBERS = 'sub aud act ttl_hint scope reason env tenant rqh src'.split(' ')
const SOURCE_MEMBERS = ['type', 'repo', 'workflow', 'run_id', 'sha'] as const

/**
 * Shapes a parsed body. Members we do not know are refused, because what a caller believes to have asked
 * for must be in the token. Refuses `body_shape` with the field, `aud_missing`, `act_missing` and
 * `subject_grammar` (W-31).
 */
export function readTokenRequest(body: unknown): TokenRequest {
  if (!isJsonObject(body)) refuse('body_shape')
  for (const name of Object.keys(body)) {
    if (!MEMBERS.includes(name)) refuse('body_shape', { detail: `unknown member ${name}` })
  }
  const sub = text(body, 'sub', 1024)
  if (sub !== undefined && !isSubject(sub)) refuse('subject_grammar', { field: 'sub', detail: sub })
  if (sub !== undefined && !hasPlainSegments(sub)) {
    refuse('subject_segments', { field: 'sub', detail: sub })
  }
  const [aud, act] = [text(body, 'aud', 1024), text(body, 'act', 256)]
  if (aud === undefined) refuse('aud_missing', { field: 'aud' })
  if (act === undefined) refuse('act_missing', { field: 'act' })
  const rqh = text(body, 'rqh', 71)
  if (rqh !== undefined && !RQH.test(rqh)) refuse('body_shape', { field: 'rqh' })
  return defined({
    sub,
    aud,
    act,
    ttlSeconds: ttlOf(body),
    scope: scopeOf(body),
    reason: text(body, 'reason', 256),
    env: text(body, 'env', 64),
    tenant: text(body, 'tenant', 64),
    rqh,
    src: sourceOf(body['src'] ?? undefined),
  })
}

/** As in the protocol, empty and null are the same as absent. Spec 1.3. */
function text(object: JsonObject, name: string, maxLength: number): string | undefined {
  const value = Object.hasOwn(object, name) ? (object[name] ?? '') : ''
  if (value === '') return undefined
  if (typeof value !== 'string' || value.length > maxLength || !PRINTABLE.test(value)) {
    refuse('body_shape', { field: name })
  }
  return value
}

/** A hint: what is out of range is brought into it. Spec 4.3. */
function ttlOf(body: JsonObject): number {
  const hint = body['ttl_hint'] ?? 0
  if (!Number.isSafeInteger(hint)) refuse('body_shape', { field: 'ttl_hint' })
  const seconds = Number(hint)
  return seconds <= 0 ? DEFAULT_TTL_SECONDS : Math.min(seconds, MAX_TTL_SECONDS)
}

function scopeOf(body: JsonObject): readonly string[] | undefined {
  const value = body['scope'] ?? undefined
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length > MAX_SCOPES) refuse('body_shape', { field: 'scope' })
  const fine = value.every((name) => typeof name === 'string' && /^[!-~]{1,256}$/.test(name))
  if (!fine) refuse('body_shape', { field: 'scope' })
  return value.map(String)
}

function sourceOf(value: unknown): Source | undefined {
  if (value === undefined) return undefined
  if (!isJsonObject(value)) refuse('body_shape', { field: 'src' })
  const foreign = Object.keys(value).some((name) => !SOURCE_MEMBERS.some((known) => known === name))
  if (foreign) refuse('body_shape', { field: 'src' })
  return defined(Object.fromEntries(SOURCE_MEMBERS.map((name) => [name, text(value, name, 256)])))
}

type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }

/** The object without the members that are undefined. */
export function defined<T extends object>(object: T): Defined<T> {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Defined<T>
}
