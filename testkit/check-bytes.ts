import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

export interface CheckContent {
  readonly headers: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, string>>
}

/** What Envoy asks about a GET of `/` that it got just now. */
export function checkBytes({
  headers,
  extensions = { oathmesh: 'default' },
}: CheckContent): Uint8Array {
  const all = { ':method': 'GET', ':path': '/', ':authority': 'localhost', ...headers }
  const time = new BinaryWriter()
    .tag(1, WireType.Varint)
    .int64(Math.floor(Date.now() / 1000))
    .tag(2, WireType.Varint)
    .int32((Date.now() % 1000) * 1_000_000)
    .finish()
  const http = message([
    [1, text('12345678901234567890')],
    [2, text('GET')],
    ...Object.entries(all).map((entry) => [3, pair(entry)] as const),
    [4, text('/')],
  ])
  const request = message([
    [1, time],
    [2, http],
  ])
  const named = Object.entries(extensions).map((entry) => [10, pair(entry)] as const)
  return message([[1, message([[4, request], ...named])]])
}

function message(fields: readonly (readonly [number: number, bytes: Uint8Array])[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const [number, bytes] of fields) writer.tag(number, WireType.LengthDelimited).bytes(bytes)
  return writer.finish()
}

function pair([name, value]: readonly [string, string]): Uint8Array {
  return message([
    [1, text(name)],
    [2, text(value)],
  ])
}

function text(value: string): Uint8Array {
  return Buffer.from(value)
}
