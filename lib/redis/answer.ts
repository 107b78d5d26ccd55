import { ReplyError } from 'ioredis'

/**
 * Whether a failure is what Redis said, and not that it said nothing. An error is an answer: a server
 * that is loading, full, read-only or does not know our password is there, remembers, and may be made to
 * say so by whoever can fill it. What it refuses is refused; only silence makes it one that is away.
 */
export function isAnswer(cause: unknown): cause is Error {
  return cause instanceof ReplyError
}
