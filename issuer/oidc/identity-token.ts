import { decodeBase64url } from '../../lib/token/base64url.ts'
import { isJsonObject, type JsonObject } from '../../lib/token/members.ts'
import { parseStrictJson } from '../../lib/token/strict-json.ts'
import { refuse } from '../refusal.ts'

/** GitHub's are about 2 KiB; those with many groups may be longer. */
const MAX_BYTES = 16 * 1024

/** An identity token taken apart and not believed yet. */
export interface IdentityToken {
  readonly text: string
  readonly header: JsonObject
  readonly claims: JsonObject
}

/** Takes a JWT apart, strictly. Refuses `oidc_malformed`. RFC 7519, 7.2. */
export function readIdentityToken(text: string): IdentityToken {
  const segments = text.length > MAX_BYTES ? [] : text.split('.')
  const [header, claims] = segments
  if (segments.length !== 3 || header === undefined || claims === undefined) {
    refuse('oidc_malformed')
  }
  return { text, header: readSegment(header), claims: readSegment(claims) }
}

function readSegment(segment: string): JsonObject {
  const bytes = decodeBase64url(segment)
  if (bytes === undefined) refuse('oidc_malformed')
  let value: unknown
  try {
    value = parseStrictJson(bytes)
  } catch (cause) {
    refuse('oidc_malformed', { cause })
  }
  return isJsonObject(value) ? value : refuse('oidc_malformed')
}
