import type { ServerHttp2Stream } from 'node:http2'
import { GRPC } from './codes.ts'
import type { GrpcCall } from './grpc-call.ts'
import type { Patience } from './patience.ts'

const PREFIX_BYTES = 5

export interface MessageLimits {
  readonly maxBytes: number
  /** With a peer that has yet to send the rest of it. */
  readonly patience: Patience
}

/** The one message of a unary request, once it is there whole. What is something else fails the call, as gRPC has it. */
export function readMessage(
  stream: ServerHttp2Stream,
  call: GrpcCall,
  { maxBytes, patience }: MessageLimits,
  take: (message: Buffer) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  patience.begin(stream)
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= PREFIX_BYTES + maxBytes) chunks.push(chunk)
    else {
      chunks.length = 0
      call.fail(GRPC.resourceExhausted, `a message may have ${maxBytes} bytes`)
    }
  })
  stream.on('end', () => {
    patience.end(stream)
    if (length > PREFIX_BYTES + maxBytes) return
    const [first] = chunks
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, length)
    if (length < PREFIX_BYTES) call.fail(GRPC.internal, 'a message is missing')
    // We accept none, and say so by this: https://github.com/grpc/grpc/blob/master/doc/compression.md
    else if (body[0] !== 0) call.fail(GRPC.unimplemented, 'a message is compressed')
    else if (body.readUInt32BE(1) !== length - PREFIX_BYTES)
      call.fail(GRPC.internal, 'the length of a message is not what it says')
    else take(body.subarray(PREFIX_BYTES))
  })
}
