import { once } from 'node:events'
import type { Cluster, Redis } from 'ioredis'

/** The reply to `INFO`; undefined where an ACL withholds it. Rejects when the connection fails. */
export async function askInfo(node: Redis): Promise<string | undefined> {
  try {
    return await node.info()
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith('NOPERM')) return undefined
    throw cause
  }
}

/** Disconnects and waits until nothing is left that could keep a process alive. */
export async function ended(client: Redis | Cluster): Promise<void> {
  if (client.status === 'end') return
  const end = once(client, 'end')
  client.disconnect()
  await end
}
