import {
  bytesField,
  entryField,
  type FieldReader,
  intField,
  readFields,
  textField,
} from './read-fields.ts'

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
  // CheckRequest.attributes
  readFields(bytes, { 1: bytesField((attributes) => readAttributes(attributes, draft)) })
  return draft
}

function readAttributes(bytes: Uint8Array, draft: Draft): void {
  readFields(bytes, {
    // source: Peer.address, Address.socket_address, SocketAddress.address
    1: bytesField((peer) =>
      within(peer, 1, (address) =>
        within(address, 1, (socket) =>
          readFields(socket, {
            2: textField((text) => {
              draft.sourceAddress = text
            }),
          }),
        ),
      ),
    ),
    // request
    4: bytesField((request) => readFields(request, { 1: timeField(draft), 2: httpField(draft) })),
    10: entryField((key, value) => draft.extensions.set(key, value)),
  })
}

function timeField(draft: Draft): FieldReader {
  return bytesField((timestamp) => {
    let ms = 0
    readFields(timestamp, {
      1: intField((seconds) => {
        ms += seconds * 1000
      }),
      2: intField((nanos) => {
        ms += nanos / 1_000_000
      }),
    })
    draft.receivedAt = ms
  })
}

// biome-ignore format: reads as a table
function httpField(draft: Draft): FieldReader {
  return bytesField((http) =>
    readFields(http, {
      1: textField((id) => { draft.id = id }),
      2: textField((method) => { draft.method = method }),
      3: entryField((name, value) => draft.headers.push([name, value])),
      4: textField((path) => { draft.path = path }),
      9: intField((size) => { draft.size = size }),
      11: textField((body) => { draft.body = body }),
      12: bytesField((body) => { draft.rawBody = body }),
      // header_map instead of headers, with `encode_raw_headers`: HeaderMap.headers
      13: bytesField((map) => readFields(map, { 1: bytesField((header) => readHeader(header, draft)) })),
    }),
  )
}

/** HeaderValue: `raw_value` where the filter has `encode_raw_headers`. */
function readHeader(bytes: Uint8Array, draft: Draft): void {
  let name = ''
  let value = ''
  readFields(bytes, {
    1: textField((text) => {
      name = text
    }),
    2: textField((text) => {
      value ||= text
    }),
    3: textField((text) => {
      value ||= text
    }),
  })
  draft.headers.push([name.toLowerCase(), value])
}

function within(bytes: Uint8Array, number: number, take: (inner: Uint8Array) => void): void {
  readFields(bytes, { [number]: bytesField(take) })
}
