import { timingSafeEqual } from 'node:crypto'
import { chainHmac, checkChainKey } from './hmac-chain.ts'

/**
 * - `unsealed`: no seal on the line
 * - `changed`: not what was sealed, or sealed with another key
 * - `no_start`: the chain begins before this line, elsewhere or cut off
 * - `missing`: lines are missing before this one, or it stands before its turn
 * - `repeated`: its place in the chain has been passed: a copy, or moved
 * - `after_stop`: the chain had said that it ended
 */
export type ChainFault = 'unsealed' | 'changed' | 'no_start' | 'missing' | 'repeated' | 'after_stop'

/** What is known of one chain. Without `stopped`, lines may be missing after `until`. */
export interface ChainState {
  readonly chain: string
  readonly lines: number
  /** Time of the last good line. */
  readonly until: string
  readonly stopped: boolean
}

interface Sealed {
  readonly ts: string
  readonly event: string
  readonly chain: string
  readonly seq: number
  readonly prev?: string
}

type Progress = { -readonly [K in keyof ChainState]: ChainState[K] } & { seq: number; hmac: string }

const SEAL_START = ',"chain":"'
const SEAL =
  /^,"chain":"[\w-]{1,64}","seq":\d{1,15}(?:,"prev":"[0-9a-f]{64}")?,"hmac":"([0-9a-f]{64})"\}$/

/**
 * Checks sealed lines, given one by one in the order of their file. Chains of several processes may
 * be mixed. Only lines whose seal holds become part of what it remembers.
 */
export class ChainCheck {
  readonly #key: Uint8Array
  readonly #chains = new Map<string, Progress>()

  /** Throws `RangeError` for a short key. */
  constructor(key: Uint8Array) {
    checkChainKey(key)
    this.#key = key
  }

  get chains(): readonly ChainState[] {
    return [...this.#chains.values()].map(({ chain, lines, until, stopped }) => {
      return { chain, lines, until, stopped }
    })
  }

  /** What is wrong with a line, without its line feed, or `undefined`. */
  take(line: string): ChainFault | undefined {
    const hmac = SEAL.exec(line.slice(line.lastIndexOf(SEAL_START)))?.[1]
    if (hmac === undefined) return 'unsealed'
    const text = `${line.slice(0, line.lastIndexOf(',"hmac":"'))}}`
    const expected = chainHmac(this.#key, text)
    if (!timingSafeEqual(Buffer.from(expected), Buffer.from(hmac))) return 'changed'
    // Only whoever has the key can have written it, so it is JSON of this shape.
    return this.#advance(JSON.parse(line) as Sealed, hmac)
  }

  #advance({ ts, event, chain, seq, prev }: Sealed, hmac: string): ChainFault | undefined {
    const before = this.#chains.get(chain)
    if (before !== undefined && seq <= before.seq) return 'repeated'
    const fault = faultOf({ event, seq, prev }, before)
    const lines = (before?.lines ?? 0) + 1
    const stopped = event === 'chain_stop' || before?.stopped === true
    this.#chains.set(chain, { chain, lines, until: ts, stopped, seq, hmac })
    return fault
  }
}

/** The place of a line whose seal holds, after the last good one of its chain. */
function faultOf(
  { event, seq, prev }: { event: string; seq: number; prev: string | undefined },
  before: Progress | undefined,
): ChainFault | undefined {
  if (before === undefined) return seq === 0 && event === 'chain_start' ? undefined : 'no_start'
  if (before.stopped) return 'after_stop'
  return seq === before.seq + 1 && prev === before.hmac ? undefined : 'missing'
}
