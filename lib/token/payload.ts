import type { Payload, Source } from './claims.ts'
import { Members } from './members.ts'

const TEXTS = [
  'iss',
  'sub',
  'aud',
  'act',
  'jti',
  'reason',
  'delegated_by',
  'env',
  'tenant',
  'rqh',
] as const
export const TIMES = ['iat', 'exp', 'nbf'] as const
const SOURCE = ['type', 'repo', 'workflow', 'run_id', 'sha'] as const

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Shapes a decoded payload; unknown claims are left out. Throws `TypeError` for a known claim of
 * another type, an `aud` list included. Spec 1.3.
 */
export function readPayload(value: unknown): Payload {
  const members = new Members(value)
  const payload: Writable<Payload> = {}
  for (const name of TEXTS) {
    const text = members.string(name)
    if (text !== undefined) payload[name] = text
  }
  for (const name of TIMES) {
    const seconds = members.time(name)
    if (seconds !== undefined) payload[name] = seconds
  }
  const scope = members.strings('scope')
  if (scope !== undefined) payload.scope = scope
  const src = members.object('src')
  if (src !== undefined) payload.src = readSource(src)
  return payload
}

function readSource(members: Members): Source {
  const source: Writable<Source> = {}
  for (const name of SOURCE) {
    const text = members.string(name)
    if (text !== undefined) source[name] = text
  }
  return source
}
