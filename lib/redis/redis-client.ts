import { once } from 'node:events'
import type { Cluster, Redis } from 'ioredis'

/** For peers that do not answer a goodbye. */
const GOODBYE_MS = 1000

/** The reply to `INFO`; undefined where an ACL withholds it. Rejects when the connection fails. */
export async function askInfo(node: Redis): Promise<string | undefined> {
  try {
    return await node.info()
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith('NOPERM')) return undefined
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
