import type { Answer, AuditEvent, PassAnswer, RefuseAnswer } from '../lib/index.ts'
import { grpcCode } from './grpc-codes.ts'
import type { CheckResponse, DeniedResponse, HeaderPairs, Metadata } from './wire/check-response.ts'

/** Whom a refusal is for: what it looks like depends on it. */
export type ClientKind = 'http' | 'grpc'

/**
 * The core's answer as Envoy's. Anything but a pass is a denial, and one that Envoy carries out itself:
 * an error would be let through by `failure_mode_allow`.
 */
export function toCheckResponse(answer: Answer, client: ClientKind): CheckResponse {
  return answer.outcome === 'pass' ? passed(answer) : refused(answer, client)
}

function passed({ as, set, remove, event }: PassAnswer): CheckResponse {
  return {
    kind: 'ok',
    headers: Object.entries(set).map(([name, value]) => [name.toLowerCase(), textOf(value)]),
    remove,
    metadata: metadataOf(as, event),
  }
}

function refused(answer: RefuseAnswer, client: ClientKind): DeniedResponse {
  const { status, body, event } = answer
  return {
    kind: 'denied',
    code: grpcCode(status),
    // A refusal with another status would be sent as it is, 200 included.
    httpStatus: status >= 400 && status < 600 ? status : 503,
    ...(client === 'grpc'
      ? forGrpc(answer)
      : { headers: pairs(answer), body: JSON.stringify(body) }),
    metadata: metadataOf('deny', event),
  }
}

/** Envoy answers with 200 and trailers: `grpc-message` is the body, and a content type would replace gRPC's. */
function forGrpc(answer: RefuseAnswer): { headers: HeaderPairs; body: string } {
  const { status, body } = answer
  const headers = pairs(answer).filter(([name]) => name !== 'content-type')
  return {
    headers: [...headers, ['grpc-status', String(grpcCode(status))]],
    body: String(body['message']),
  }
}

function pairs({ headers }: RefuseAnswer): HeaderPairs {
  return Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
}

/** What the guard in Envoy and its access log read. Claims that nobody has proven are left out. */
function metadataOf(decision: string, event: AuditEvent | undefined): Metadata {
  const proven = event?.['verified'] === true
  return present({
    decision,
    subject: proven ? event['sub'] : undefined,
    action: proven ? event['act'] : undefined,
    issuer: proven ? event['iss'] : undefined,
    token_id: proven ? event['jti'] : undefined,
    step: event?.['step'],
    reason: event?.['reason'],
    request_id: event?.['request_id'],
  })
}

function present(fields: Readonly<Record<string, unknown>>): Metadata {
  const metadata: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(fields)) {
    // A claim may hold half a character, which no message of protobuf can.
    if (typeof value === 'string') metadata[name] = Buffer.from(value).toString()
    else if (typeof value === 'number') metadata[name] = value
  }
  return metadata
}

/** Envoy overwrites, so that several values of one header have to be one text. RFC 9110, 5.3. */
function textOf(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.join(', ')
}
