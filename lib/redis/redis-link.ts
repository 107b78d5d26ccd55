import type { RedisStatus } from '../status/snapshot.ts'

/** A command's name and arguments; one key at most where keys are spread. */
export type RedisCommand = readonly [name: string, ...args: string[]]

/**
 * Identity of one server process, new with every start of it; `anonymous` where it does not say.
 */
export type Server = string

/** What a link says of its Redis for those who look after it. */
export type RedisReport = Pick<RedisStatus, 'state' | 'cause' | 'became_up' | 'became_away'>

export const ANONYMOUS: Server = 'anonymous'

/** A lasting connection to one Redis, whatever its topology. Nothing is opened before `open`. */
export interface RedisLink {
  /** Which Redis this is, for the operator. */
  readonly name: string
  /** Whether keys are spread over several masters. */
  readonly sharded: boolean
  readonly report: RedisReport
  /**
   * Starts connecting, once. Resolves when the first attempt has succeeded or failed; a failure is a
   * warning and attempts go on. Never rejects.
   */
  open(): Promise<void>
  /** The server that holds `key` at present; undefined while it cannot be asked. */
  serverOf(key: string): Server | undefined
  /**
   * Whether the server that holds `key` is known to be away: its connection is lost and it could not be
   * reached again at once, or it has not answered anything at all for more than a second. A server that
   * refuses is not away, and neither is one that has just not answered this or that question.
   */
  isAway(key: string): boolean
  /** Pending while a connection has just been lost and nobody knows yet whether its server is away. */
  settling(key: string): Promise<void> | undefined
  /** Somebody needs the server of `key`: if there is no connection, one is tried within a second. */
  seek(key: string): void
  /**
   * The reply after one round trip. Commands are executed in the order in which they are sent, by each
   * server. Rejects when Redis refuses, and at once while there is no connection. Has no deadline of
   * its own: whoever waits brings one.
   */
  send(command: RedisCommand): Promise<unknown>
  /** Calls `listener` whenever a server may have become usable, or have taken over keys. */
  onServer(listener: () => void): void
  /** Ends all connections; the link is of no use afterwards. */
  close(): Promise<void>
}
