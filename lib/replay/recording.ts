import type { RedisCommand, RedisLink } from '../redis/redis-link.ts'
import { REVOCATIONS_KEY } from '../revocation/revocation-list.ts'
import { CLAIM_SCRIPT, CLAIM_SCRIPT_SHA } from './claim-script.ts'
import type { RecordKeys } from './record-key.ts'

/** One use to be recorded. */
export interface Entry {
  readonly keys: RecordKeys
  readonly lifetimeMs: number
  readonly subject: string
  /** `suspected`: the subject was found revoked a moment ago. */
  readonly revocation: 'ignored' | 'asked' | 'suspected'
}

/** What Redis said; `mark` is what stood under the epoch's key once the use was recorded. */
export type Recorded =
  | { readonly name: 'revoked' }
  | { readonly name: 'seen' }
  | { readonly name: 'recorded'; readonly mark: unknown }

/**
 * Records by one script, so that a revoked call does not spend its id. It costs a third of the
 * processor time that the same commands cost one by one, here and not in Redis.
 */
export async function recordByScript(link: RedisLink, entry: Entry): Promise<Recorded> {
  const { keys, lifetimeMs, subject, revocation } = entry
  const names = [keys.record, keys.epoch, ...(revocation === 'ignored' ? [] : [REVOCATIONS_KEY])]
  const args = [`${names.length}`, ...names, `${lifetimeMs}`, subject]
  const reply = await evaluate(link, args)
  if (reply === 'revoked' || reply === 'seen') return { name: reply }
  return { name: 'recorded', mark: reply }
}

/**
 * Records by single commands, which is what keys on several servers allow; they travel at the same
 * time. A call that is the first to meet a revocation spends its id.
 */
export async function recordByCommands(link: RedisLink, entry: Entry): Promise<Recorded> {
  const { keys, lifetimeMs, subject, revocation } = entry
  const askWhetherRevoked: RedisCommand = ['hget', REVOCATIONS_KEY, subject]
  if (revocation === 'suspected' && (await link.send(askWhetherRevoked)) !== null) {
    return { name: 'revoked' }
  }
  const [recorded, mark, revokedAt] = await Promise.all([
    link.send(['set', keys.record, '1', 'PX', `${lifetimeMs}`, 'NX']),
    // After the record: a Redis emptied between the two has lost the epoch as well.
    link.send(['get', keys.epoch]),
    revocation === 'ignored' ? null : link.send(askWhetherRevoked),
  ])
  if (revokedAt !== null) return { name: 'revoked' }
  return recorded === 'OK' ? { name: 'recorded', mark } : { name: 'seen' }
}

async function evaluate(link: RedisLink, args: readonly string[]): Promise<unknown> {
  try {
    return await link.send(['evalsha', CLAIM_SCRIPT_SHA, ...args])
  } catch (cause) {
    // Once per start of a server: from then on it knows the script.
    if (!(cause instanceof Error && cause.message.startsWith('NOSCRIPT'))) throw cause
    return link.send(['eval', CLAIM_SCRIPT, ...args])
  }
}
