import type { Claims } from '../token/claims.ts'
import { compileGlob } from './glob.ts'
import type { RuleMatch } from './rule.ts'

/** One compiled member of a `match`. */
export type Condition = TextCondition | ScopeCondition

export interface TextCondition {
  /** As the policy's author wrote it: `sub`, `src.repo`, … */
  readonly field: TextField
  readonly wanted: string
  /** What every text that matches begins with. */
  readonly prefix: string
  /** What the token says; `undefined` when it says nothing. */
  actual(claims: Claims): string | undefined
  holds(claims: Claims): boolean
}

export interface ScopeCondition {
  readonly field: 'scope'
  readonly wanted: readonly string[]
  actual(claims: Claims): readonly string[] | undefined
  holds(claims: Claims): boolean
}

type TextReader = (claims: Claims) => string | undefined

const TEXT_READERS = {
  sub: (claims) => claims.sub,
  act: (claims) => claims.act,
  env: (claims) => claims.env,
  tenant: (claims) => claims.tenant,
  iss: (claims) => claims.iss,
  aud: (claims) => claims.aud,
  'src.type': (claims) => claims.src?.type,
  'src.repo': (claims) => claims.src?.repo,
  'src.workflow': (claims) => claims.src?.workflow,
} as const satisfies Record<string, TextReader>

type TextField = keyof typeof TEXT_READERS

/**
 * Compiles a `match`, cheapest and most telling conditions first. `path` is where the match
 * stands. Throws `TypeError` for an empty pattern or list of scopes, which read as if they matched.
 */
export function compileConditions(match: RuleMatch, path: string): readonly Condition[] {
  const texts: Readonly<Record<TextField, string | undefined>> = {
    sub: match.sub,
    act: match.act,
    env: match.env,
    tenant: match.tenant,
    iss: match.iss,
    aud: match.aud,
    'src.type': match.src?.type,
    'src.repo': match.src?.repo,
    'src.workflow': match.src?.workflow,
  }
  const conditions: Condition[] = []
  for (const field of Object.keys(TEXT_READERS) as TextField[]) {
    const pattern = texts[field]
    if (pattern !== undefined) conditions.push(textCondition(field, pattern, path))
  }
  if (match.scope !== undefined) conditions.push(scopeCondition(match.scope, path))
  return conditions
}

function textCondition(field: TextField, pattern: string, path: string): TextCondition {
  if (pattern === '') throw new TypeError(`${path}.${field}: must not be empty`)
  const read: TextReader = TEXT_READERS[field]
  const matches = compileGlob(pattern)
  return {
    field,
    wanted: pattern,
    prefix: pattern.split('*', 1).join(),
    actual: read,
    holds(claims) {
      const text = read(claims)
      return text !== undefined && matches(text)
    },
  }
}

function scopeCondition(wanted: readonly string[], path: string): ScopeCondition {
  if (wanted.length === 0 || wanted.includes('')) {
    throw new TypeError(`${path}.scope: must name at least one scope, none of them empty`)
  }
  return {
    field: 'scope',
    wanted,
    actual: (claims) => claims.scope,
    holds: ({ scope = [] }) => wanted.every((name) => scope.includes(name)),
  }
}
