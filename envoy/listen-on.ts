import type { AddressInfo, Server } from 'node:net'
import type { Address } from '../lib/ports/address.ts'
import { bind } from '../lib/ports/bind.ts'

/** Lets a server listen. Gives the port, 0 for a unix socket. `backlog`: connections that may wait; Node.js' own by default. */
export function listenOn(server: Server, address: Address, backlog?: number): Promise<number> {
  const place = address.kind === 'unix' ? { path: address.path } : address
  return bind(
    address,
    () =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ ...place, ...(backlog !== undefined && { backlog }) }, () => {
          const bound = server.address()
          resolve(typeof bound === 'object' ? ((bound as AddressInfo | null)?.port ?? 0) : 0)
        })
      }),
  )
}
