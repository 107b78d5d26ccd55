import type { Caller, Claims } from '../../lib/index.ts'
import type { IdentityHeader } from '../../schema/plugin-config.ts'
import type { HeaderLists } from './kong.ts'

/** Says on every pass that this plugin has decided. The guard refuses requests without it. */
export const DECISION_HEADER = 'X-OathMesh-Decision'

type UpstreamHeaders = Readonly<Record<string, string | readonly string[]>>

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

/**
 * Everything the upstream request needs in one `set_headers`: the caller's identity and the decision in,
 * `Authorization` and whatever the client sent under our names out.
 */
export function upstreamHeaders(
  caller: Caller,
  wanted: readonly IdentityHeader[],
  received: HeaderLists,
): UpstreamHeaders {
  const identity = wanted.flatMap((name) => {
    const { header, value } = SOURCES[name]
    const text = value(caller.claims)
    const safe = name === 'scope' ? text : text && encode(text)
    // Kong turns an empty value into a space.
    return safe ? [[header, safe] as const] : []
  })
  return {
    authorization: [],
    ...Object.fromEntries(spoofed(received).map((name) => [name, []])),
    ...Object.fromEntries(identity),
    [DECISION_HEADER]: 'allow',
  }
}

/** Names of received headers that an upstream could read as ours: CGI servers fold `_` into `-`. */
function spoofed(received: HeaderLists): string[] {
  return Object.keys(received).filter((name) =>
    name.toLowerCase().replaceAll('_', '-').startsWith('x-oathmesh-'),
  )
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
