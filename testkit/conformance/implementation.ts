import type { RedisServer } from '../redis-server.ts'
import type { SignatureVector } from '../signature-vectors.ts'
import type { VectorFile } from '../vectors.ts'
import type { ClockFile } from './clock-file.ts'
import type { Outcome, Row } from './outcome.ts'

/** What the runs of one matrix share. */
export interface Bench {
  readonly files: readonly VectorFile[]
  readonly signatures: readonly SignatureVector[]
  readonly clock: ClockFile
  /** Knows revoked subjects, for implementations that ask nobody else. */
  readonly redis: RedisServer
}

/** Something that decides on calls. */
export interface Implementation {
  readonly name: string
  /** One row for every case and every signature, or it rejects. */
  run(bench: Bench): Promise<readonly Row[]>
  /** It takes whole tokens alone, so that signatures are none of its rows. */
  readonly tokensOnly?: boolean
  /** Cases that something before the implementation decides, by name, and how: these are no differences. */
  readonly before?: Readonly<Record<string, Outcome>>
}
