import type { TokenView } from './story.ts'

/**
 * A token as it may be shown: the first two segments are what everybody may read in them, and the signature, without
 * which the token opens nothing, stays here. `text` must be a token of three segments.
 */
export function tokenView(text: string, changed: readonly string[] = []): TokenView {
  const [header = '', claims = '', signature = ''] = text.split('.')
  const bytes = Buffer.from(signature, 'base64url').length
  return {
    header: indented(header),
    claims: indented(claims),
    segments: [header, claims],
    signature: `${bytes} bytes, kept by the explorer`,
    changed,
  }
}

/** A member of the claims, where it is text. */
export function claimOf(text: string, name: string): string {
  const claims = Object(JSON.parse(decoded(text.split('.')[1] ?? '')))
  return typeof claims[name] === 'string' ? claims[name] : ''
}

/** The same token for another subject, with the signature of the first. */
export function tampered(text: string, sub: string): string {
  const [header, claims = '', signature] = text.split('.')
  const changed = { ...Object(JSON.parse(decoded(claims))), sub }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

function indented(segment: string): string {
  return JSON.stringify(JSON.parse(decoded(segment)), null, 2)
}

function decoded(segment: string): string {
  return Buffer.from(segment, 'base64url').toString('utf8')
}
