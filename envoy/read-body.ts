import type { Body } from '../lib/index.ts'
import type { CheckRequest } from './wire/check-request.ts'

/** Present where Envoy has buffered a body; a client's own header of this name never shows. */
export const PARTIAL_HEADER = 'x-envoy-auth-partial-body'

const UNREADABLE: Body = { kind: 'unreadable' }

export interface BodyTerms {
  readonly request: CheckRequest
  /** The first value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined
  /** Whether the route says that Envoy buffers its bodies: else none and an unseen one look alike. */
  readonly buffers: boolean
  readonly maxBytes: number
}

/**
 * The body of a request as far as it is known whole. What Envoy has cut short is over the limit: on HTTP/2 it lets
 * a body that is too long for its buffer pass, with the beginning in the Check. The bytes of an upgrade are never
 * buffered, those of a filter without `pack_as_bytes` have been altered.
 */
export function readBody({ request, header, buffers, maxBytes }: BodyTerms): Body {
  if (header('upgrade') !== undefined || request.method === 'CONNECT') return UNREADABLE
  const partial = header(PARTIAL_HEADER)
  if (partial === undefined) return unbuffered(header, buffers)
  if (partial !== 'false') return { kind: 'over_limit' }
  const bytes = request.rawBody ?? new Uint8Array()
  if (bytes.length > maxBytes) return { kind: 'over_limit' }
  if (!isWhole(bytes.length, request, header)) return UNREADABLE
  return bytes.length === 0 && !buffers ? UNREADABLE : { kind: 'bytes', bytes }
}

/** No body at all, where the route buffers bodies and none is announced. */
function unbuffered(header: BodyTerms['header'], buffers: boolean): Body {
  const announced =
    (header('content-length') ?? '0') !== '0' || header('transfer-encoding') !== undefined
  return buffers && !announced ? { kind: 'bytes', bytes: new Uint8Array() } : UNREADABLE
}

function isWhole(length: number, { body, size }: CheckRequest, header: BodyTerms['header']) {
  if (body !== undefined && body !== '') return false
  const announced = header('content-length')
  if (announced !== undefined && announced !== String(length)) return false
  return size === undefined || size <= 0 || size === length
}
