import { readFileSync } from 'node:fs'
import { encode } from '@msgpack/msgpack'

export interface RecordedFrame {
  readonly from: 'kong' | 'plugin server'
  readonly message: readonly [0 | 1, number, unknown, unknown]
  readonly hex?: string
}

export interface Recording {
  readonly name: string
  readonly frames: readonly RecordedFrame[]
}

/** What a real Kong and the stock server said to each other. */
export const RECORDINGS: readonly Recording[] = JSON.parse(
  readFileSync('test/fixtures/rpc-transcripts.json', 'utf8'),
  (_, value) => (typeof value?.$bin === 'string' ? Buffer.from(value.$bin, 'base64') : value),
).exchanges

/** The exact bytes where they were recorded, otherwise the same message encoded again. */
export function bytesOf({ hex, message }: RecordedFrame): Buffer {
  return hex === undefined ? Buffer.from(encode(message)) : Buffer.from(hex, 'hex')
}

/** The frames Kong sent, as bytes. */
export const KONG_FRAMES: readonly Buffer[] = RECORDINGS.flatMap(({ frames }) => frames)
  .filter(({ from }) => from === 'kong')
  .map(bytesOf)
