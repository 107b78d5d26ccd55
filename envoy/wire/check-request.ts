import { Cursor } from './cursor.ts'

/**
 * What we read of Envoy's `CheckRequest`. Field numbers are those of envoy/service/auth/v3/external_auth.proto,
 * attribute_context.proto and envoy/config/core/v3/base.proto, address.proto. What a message does not hold is
 * absent.
 */
export interface CheckRequest {
  /** When Envoy got the first byte of the request: milliseconds since the epoch. */
  readonly receivedAt?: number
  /** The stream's, which a repeated Check for the same request has as well. */
  readonly id: string
  readonly method: string
  /** With the query, as Envoy's own normalisation left it. */
  readonly path: string
  /** Names in lower case with pseudo headers, values in order of arrival. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Bytes of the body that Envoy holds. */
  readonly size?: number
  /** The body as text, of a filter without `pack_as_bytes`: other bytes than UTF-8 are lost. */
  readonly body?: string
  readonly rawBody?: Uint8Array
  /** The peer of the connection. */
  readonly sourceAddress?: string
  /** `context_extensions` of the virtual host and the route. */
  readonly extensions: ReadonlyMap<string, string>
}

type Draft = { -readonly [K in keyof CheckRequest]: CheckRequest[K] } & {
  headers: [string, string][]
  extensions: Map<string, string>
}

/** Throws for bytes that are no `CheckRequest`. */
export function readCheckRequest(bytes: Uint8Array): CheckRequest {
  const draft: Draft = { id: '', method: '', path: '', headers: [], extensions: new Map() }
  new Cursor(bytes).all(readCheck, draft)
  return draft
}

function readCheck(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) cursor.message(readAttributes, draft)
  else cursor.skip()
}

function readAttributes(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) cursor.message(readPeer, draft)
  else if (number === 4) cursor.message(readRequest, draft)
  else if (number === 10) {
    const [name, value] = pairAt(cursor)
    draft.extensions.set(name, value)
  } else cursor.skip()
}

/** Peer.address, Address.socket_address, SocketAddress.address */
function readPeer(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) cursor.message(readAddress, draft)
  else cursor.skip()
}

function readAddress(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) cursor.message(readSocketAddress, draft)
  else cursor.skip()
}

function readSocketAddress(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 2) draft.sourceAddress = cursor.text()
  else cursor.skip()
}

function readRequest(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) {
    draft.receivedAt = 0
    cursor.message(readTimestamp, draft)
  } else if (number === 2) cursor.message(readHttp, draft)
  else cursor.skip()
}

function readTimestamp(cursor: Cursor, number: number, draft: Draft): void {
  const before = draft.receivedAt ?? 0
  if (number === 1) draft.receivedAt = before + cursor.int() * 1000
  else if (number === 2) draft.receivedAt = before + cursor.int() / 1_000_000
  else cursor.skip()
}

// biome-ignore format: reads as a table
function readHttp(cursor: Cursor, number: number, draft: Draft): void {
  switch (number) {
    case 1: draft.id = cursor.text(); break
    case 2: draft.method = cursor.text(); break
    case 3: draft.headers.push(pairAt(cursor)); break
    case 4: draft.path = cursor.text(); break
    case 9: draft.size = cursor.int(); break
    case 11: draft.body = cursor.text(); break
    case 12: draft.rawBody = cursor.bytes(); break
    // header_map instead of headers, with `encode_raw_headers`: HeaderMap.headers
    case 13: cursor.message(readHeaderMap, draft); break
    default: cursor.skip()
  }
}

function readHeaderMap(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) {
    const [name, value] = pairAt(cursor)
    draft.headers.push([name.toLowerCase(), value])
  } else cursor.skip()
}

/** An entry of `map<string, string>`, or a HeaderValue. */
function pairAt(cursor: Cursor): [string, string] {
  const pair: [string, string] = ['', '']
  cursor.message(readPair, pair)
  return pair
}

/** HeaderValue has `raw_value`, field 3, in the place of the text where the filter has `encode_raw_headers`. */
function readPair(cursor: Cursor, number: number, pair: [string, string]): void {
  if (number === 1) pair[0] = cursor.text()
  else if (number === 2 || number === 3) pair[1] = cursor.text() || pair[1]
  else cursor.skip()
}
