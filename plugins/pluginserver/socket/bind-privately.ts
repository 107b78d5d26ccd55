import { chmodSync } from 'node:fs'
import type { Server } from 'node:net'
import type { SocketMode } from './socket-mode.ts'

/**
 * Connections that wait to be accepted. Kong opens one for every request that is under way, and proxies on
 * the request whose connection finds the queue full. The kernel caps it at `net.core.somaxconn`.
 */
const BACKLOG = 4096

/**
 * Listens at a path that nobody but the owner can connect to at any moment, whatever umask the process was
 * given: nginx, and so every child of Kong, runs with umask 0. Widens it to `mode` afterwards.
 */
export async function bindPrivately(server: Server, path: string, mode: SocketMode): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
  })
  const inherited = process.umask(0o177)
  try {
    // Binds, and thereby makes the file, before it returns.
    server.listen({ path, backlog: BACKLOG })
  } finally {
    process.umask(inherited)
  }
  await listening
  chmodSync(path, mode)
}
