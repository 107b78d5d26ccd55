import { createHash } from 'node:crypto'
import type { TokenUse } from './replay-store.ts'

/** `hashed` bounds the length and keeps issuers apart; `jti` shares records with upstream's receivers. */
export type KeyFormat = 'hashed' | 'jti'

const RECORDS = 'oathmesh:replay:'
const EPOCH = 'epoch'

/** Shards of a Cluster's records: enough to spread evenly over tens of masters. */
const SHARDS = 256

/** Where a use is recorded, and where the beginning of the history it belongs to stands. */
export interface RecordKeys {
  readonly record: string
  readonly epoch: string
}

/** Keys of a use where all keys live on one server. */
export function recordKeys(use: TokenUse, format: KeyFormat): RecordKeys {
  // An issuer must not be able to write over the epoch by the choice of an id.
  const verbatim = format === 'jti' && use.tokenId !== EPOCH
  return {
    record: RECORDS + (verbatim ? use.tokenId : digestOf(use).toString('base64url')),
    epoch: RECORDS + EPOCH,
  }
}

/**
 * Keys of a use in a Cluster. The tag in braces keeps a record on the server of its epoch, so that
 * whatever makes a server lose the one makes it lose the other.
 */
export function shardedKeys(use: TokenUse): RecordKeys {
  const digest = digestOf(use)
  const shard = digest.readUInt8(0) % SHARDS
  return {
    record: `${RECORDS}${tag(shard)}:${digest.toString('base64url')}`,
    epoch: epochKey(shard),
  }
}

/** All keys under which an epoch stands. */
export function epochKeys(sharded: boolean): readonly string[] {
  if (!sharded) return [RECORDS + EPOCH]
  return Array.from({ length: SHARDS }, (_, shard) => epochKey(shard))
}

function epochKey(shard: number): string {
  return `${RECORDS}${EPOCH}:${tag(shard)}`
}

function tag(shard: number): string {
  return `{${shard.toString(16).padStart(2, '0')}}`
}

function digestOf({ issuer, tokenId }: TokenUse): Buffer {
  return createHash('sha256').update(`${issuer}\0${tokenId}`).digest()
}
