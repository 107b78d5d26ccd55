import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { readCheckRequest } from '../../../envoy/wire/check-request.ts'
import { type FuzzTarget, holds, unlessStated } from '../fuzz-target.ts'

type Fields = Readonly<Record<number, string | number | Uint8Array>>

/** A message of these fields. */
function message(fields: Fields): Uint8Array {
  const writer = new BinaryWriter()
  for (const [number, value] of Object.entries(fields)) {
    if (typeof value === 'number') writer.uint32(Number(number) << 3).int64(value)
    else if (typeof value === 'string') writer.uint32((Number(number) << 3) | 2).string(value)
    else writer.uint32((Number(number) << 3) | 2).bytes(value)
  }
  return writer.finish()
}

const entry = message({ 1: 'authorization', 2: 'OathMesh a.b.c' })
const http = message({ 1: 'id', 2: 'GET', 3: entry, 4: '/items?a=1', 9: -1, 11: 'body' })
const request = message({ 1: message({ 1: 1_774_911_060, 2: 5 }), 2: http })
const source = message({ 1: message({ 1: message({ 2: '10.0.0.7' }) }) })
const extension = message({ 1: 'oathmesh', 2: 'inventory' })

/** A Check as Envoy sends it: read, or refused by an exception that the service answers with a refusal. */
export const checkRequest: FuzzTarget = {
  name: 'check-request',
  seeds: [
    Buffer.from(message({ 1: message({ 1: source, 4: request, 10: extension }) })),
    Buffer.from(message({ 1: message({ 4: request }) })),
    Buffer.alloc(0),
  ],
  dictionary: ['\x0a', '\x22\x02', '\x80\x80\x80\x80\x10', 'authorization', ':path', '__proto__'],
  check(input) {
    const read = unlessStated(() => readCheckRequest(input), Error)
    if (read === undefined) return
    holds(
      [read.id, read.method, read.path].every((part) => typeof part === 'string'),
      'no text',
    )
    holds(read.headers.length <= input.length, 'more headers than bytes')
    holds(read.extensions instanceof Map, 'no map')
  },
}
