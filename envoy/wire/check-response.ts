import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/**
 * Envoy's `CheckResponse`, of which we write two kinds and no other. Field numbers are those of
 * envoy/service/auth/v3/external_auth.proto, envoy/config/core/v3/base.proto, envoy/type/v3/http_status.proto,
 * google/rpc/status.proto and google/protobuf/struct.proto.
 */
export type CheckResponse = OkResponse | DeniedResponse

export type HeaderPairs = readonly (readonly [name: string, value: string])[]

export interface OkResponse {
  readonly kind: 'ok'
  /** Replaced or added before the request goes on. */
  readonly headers: HeaderPairs
  /** Removed after `headers` have been set, in any letter case: no name may be in both. */
  readonly remove: readonly string[]
  readonly metadata: Metadata
}

export interface DeniedResponse {
  readonly kind: 'denied'
  /** google.rpc.Code, never 0: that is an allow whatever else the message says. */
  readonly code: number
  readonly httpStatus: number
  readonly headers: HeaderPairs
  readonly body: string
  readonly metadata: Metadata
}

/** What filters and access logs behind ext_authz read. */
export type Metadata = Readonly<Record<string, string | number>>

/** HeaderValueOption.append_action: OVERWRITE_IF_EXISTS_OR_ADD. */
const OVERWRITE = 2

/** The bytes of an answer. */
export function writeCheckResponse(response: CheckResponse): Buffer {
  const writer = new BinaryWriter()
  const code = response.kind === 'ok' ? 0 : response.code
  // A status is written in any case: without one Envoy takes the message for an allow.
  nest(writer, 1, () => code !== 0 && writer.tag(1, WireType.Varint).int32(code))
  if (response.kind === 'ok') nest(writer, 3, () => writeOk(writer, response))
  else nest(writer, 2, () => writeDenied(writer, response))
  nest(writer, 4, () => writeStruct(writer, response.metadata))
  const bytes = writer.finish()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function writeOk(writer: BinaryWriter, { headers, remove }: OkResponse): void {
  for (const header of headers) writeHeader(writer, header)
  for (const name of remove) text(writer, 5, name)
}

function writeDenied(writer: BinaryWriter, { httpStatus, headers, body }: DeniedResponse): void {
  nest(writer, 1, () => writer.tag(1, WireType.Varint).int32(httpStatus))
  for (const header of headers) writeHeader(writer, header)
  text(writer, 3, body)
}

/** Field 2 of both kinds. */
function writeHeader(writer: BinaryWriter, [name, value]: readonly [string, string]): void {
  nest(writer, 2, () => {
    nest(writer, 1, () => {
      text(writer, 1, name)
      text(writer, 2, value)
    })
    writer.tag(3, WireType.Varint).int32(OVERWRITE)
  })
}

function writeStruct(writer: BinaryWriter, struct: Metadata): void {
  for (const [key, value] of Object.entries(struct)) {
    nest(writer, 1, () => {
      text(writer, 1, key)
      nest(writer, 2, () => {
        if (typeof value === 'number') writer.tag(2, WireType.Bit64).double(value)
        else text(writer, 3, value)
      })
    })
  }
}

function nest(writer: BinaryWriter, number: number, write: () => void): void {
  writer.tag(number, WireType.LengthDelimited).fork()
  write()
  writer.join()
}

function text(writer: BinaryWriter, number: number, value: string): void {
  writer.tag(number, WireType.LengthDelimited).bytes(Buffer.from(value))
}
