import { once } from 'node:events'
import type { Cluster, Redis } from 'ioredis'
import { isAnswer } from './answer.ts'

/** For peers that do not answer a goodbye. */
const GOODBYE_MS = 1000

/** How a server says that INFO is not for us: by its ACL, or because an operator has renamed it. */
const WITHHELD = /^(NOPERM|ERR unknown command)/

/** The reply to `INFO`; undefined where it is withheld. Rejects when the connection fails. */
export async function askInfo(node: Redis): Promise<string | undefined> {
  try {
    return await node.info()
  } catch (cause) {
    if (isAnswer(cause) && WITHHELD.test(cause.message)) return undefined
    throw cause
  }
}

/** Disconnects and waits until the connections are gone. */
export async function ended(client: Redis | Cluster): Promise<void> {
  // Between two attempts there is nothing to end but the timer, and no event will come.
  const isBusy = client.status !== 'end' && client.status !== 'reconnecting'
  const end = isBusy ? once(client, 'end', { signal: AbortSignal.timeout(GOODBYE_MS) }) : undefined
  client.disconnect()
  await end?.catch(() => undefined)
}
