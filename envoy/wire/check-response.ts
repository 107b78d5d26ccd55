import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { bytesField, doubleField, intField, readFields, textField } from './read-fields.ts'

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

/** What Envoy will make of an answer; `undefined` where it is neither of the two kinds, whole. */
export function readCheckResponse(bytes: Uint8Array): CheckResponse | undefined {
  let code: number | undefined
  let ok: Omit<OkResponse, 'metadata'> | undefined
  let denied: Omit<DeniedResponse, 'metadata' | 'code'> | undefined
  let metadata: Metadata = {}
  readFields(bytes, {
    1: bytesField((status) => {
      code = 0
      readFields(status, {
        1: intField((value) => {
          code = value
        }),
      })
    }),
    2: bytesField((response) => {
      denied = readDenied(response)
    }),
    3: bytesField((response) => {
      ok = readOk(response)
    }),
    4: bytesField((struct) => {
      metadata = readStruct(struct)
    }),
  })
  if (code === 0 && ok !== undefined && denied === undefined) return { ...ok, metadata }
  if (!code || denied === undefined || ok !== undefined) return undefined
  return { ...denied, code, metadata }
}

function readOk(bytes: Uint8Array): Omit<OkResponse, 'metadata'> {
  const headers: [string, string][] = []
  const remove: string[] = []
  readFields(bytes, {
    2: bytesField((option) => headers.push(readHeader(option))),
    5: textField((name) => remove.push(name)),
  })
  return { kind: 'ok', headers, remove }
}

function readDenied(bytes: Uint8Array): Omit<DeniedResponse, 'metadata' | 'code'> {
  const headers: [string, string][] = []
  let httpStatus = 0
  let body = ''
  readFields(bytes, {
    1: bytesField((status) =>
      readFields(status, {
        1: intField((value) => {
          httpStatus = value
        }),
      }),
    ),
    2: bytesField((option) => headers.push(readHeader(option))),
    3: textField((value) => {
      body = value
    }),
  })
  return { kind: 'denied', httpStatus, headers, body }
}

function readHeader(bytes: Uint8Array): [string, string] {
  const header: [string, string] = ['', '']
  readFields(bytes, {
    1: bytesField((pair) =>
      readFields(pair, {
        1: textField((name) => {
          header[0] = name
        }),
        2: textField((value) => {
          header[1] = value
        }),
      }),
    ),
  })
  return header
}

function readStruct(bytes: Uint8Array): Metadata {
  const struct: Record<string, string | number> = {}
  readFields(bytes, {
    1: bytesField((entry) => {
      let key = ''
      readFields(entry, {
        1: textField((name) => {
          key = name
        }),
        2: bytesField((value) =>
          readFields(value, {
            2: doubleField((content) => {
              struct[key] = content
            }),
            3: textField((content) => {
              struct[key] = content
            }),
          }),
        ),
      })
    }),
  })
  return struct
}
