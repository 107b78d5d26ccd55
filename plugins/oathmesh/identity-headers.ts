import type { Caller, Claims } from '../../lib/index.ts'
import type { IdentityHeader } from '../../schema/plugin-config.ts'
import type { HeaderLists } from './kong.ts'

/** Says on every pass that this plugin has decided. The guard refuses requests without it. */
export const DECISION_HEADER = 'X-OathMesh-Decision'

export type UpstreamHeaders = Readonly<Record<string, string | readonly string[]>>

interface Source {
  readonly header: string
  value(claims: Claims): string | undefined
}

// biome-ignore format: reads as a table
const SOURCES: Readonly<Record<IdentityHeader, Source>> = {
  subject:      { header: 'X-OathMesh-Subject',      value: ({ sub }) => sub },
  action:       { header: 'X-OathMesh-Action',       value: ({ act }) => act },
  token_id:     { header: 'X-OathMesh-Token-ID',     value: ({ jti }) => jti },
  issuer:       { header: 'X-OathMesh-Issuer',       value: ({ iss }) => iss },
  env:          { header: 'X-OathMesh-Env',          value: ({ env }) => env },
  tenant:       { header: 'X-OathMesh-Tenant',       value: ({ tenant }) => tenant },
  scope:        { header: 'X-OathMesh-Scope',        value: ({ scope }) => scope?.map(encode).join(' ') },
  source:       { header: 'X-OathMesh-Source',       value: ({ src }) => [src?.type, src?.repo, src?.workflow].filter(Boolean).join(':') },
  delegated_by: { header: 'X-OathMesh-Delegated-By', value: ({ delegated_by }) => delegated_by },
  expires_at:   { header: 'X-OathMesh-Expires-At',   value: ({ exp }) => String(exp) },
  reason:       { header: 'X-OathMesh-Reason',       value: ({ reason }) => reason },
}

/** How a request passes: verified, although refused, or vouched for by someone else. */
export type Pass = 'allow' | 'observe' | 'anonymous'

/** The identity of a verified caller, as headers for the upstream. */
export function identityHeaders(
  { claims }: Caller,
  wanted: readonly IdentityHeader[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const { header, value } = SOURCES[name]
      const text = value(claims)
      const safe = name === 'scope' ? text : text && encode(text)
      // Kong turns an empty value into a space.
      return safe ? [[header, safe] as const] : []
    }),
  )
}

/**
 * What a passing request needs: the marker and what else is given in; what the client sent under our
 * names out, and its token with it. A credential for someone else stays. No two names differ in letter
 * case alone: Kong sets headers in no particular order, so a removal could win over a value.
 */
export function passHeaders(
  pass: Pass,
  received: HeaderLists,
  more: UpstreamHeaders = {},
): UpstreamHeaders {
  const foreign = pass !== 'allow' && !(received['authorization'] ?? []).some(isToken)
  const set = { ...more, [DECISION_HEADER]: pass }
  return {
    ...(!foreign && { authorization: [] }),
    ...Object.fromEntries(spoofed(received, set).map((name) => [name, []])),
    ...set,
  }
}

function isToken(authorization: string): boolean {
  return /^\s*oathmesh(?:\s|$)/i.test(authorization)
}

/**
 * Names of received headers that an upstream could read as ours, since CGI servers fold `_` into `-`,
 * and that no header in `set` overwrites.
 */
function spoofed(received: HeaderLists, set: UpstreamHeaders): string[] {
  const ours = Object.keys(received).filter((name) =>
    name.toLowerCase().replaceAll('_', '-').startsWith('x-oathmesh-'),
  )
  if (ours.length === 0) return ours
  const overwritten = new Set(Object.keys(set).map((name) => name.toLowerCase()))
  return ours.filter((name) => !overwritten.has(name.toLowerCase()))
}

/**
 * A header value from a claim: printable ASCII as it is, every other byte and `%` percent-encoded, so
 * that no claim can end a header or smuggle one in, and decoding gives the claim back. RFC 3986, 2.1.
 */
function encode(text: string): string {
  if (/^[\x21-\x24\x26-\x7e]*$/.test(text)) return text
  return Array.from(Buffer.from(text), (byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}
