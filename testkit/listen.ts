import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  readonly url: string
  stop(): Promise<void>
}

/** Lets a server listen on the loopback interface, on a free port unless one is given. */
export async function listen(server: Server, port = 0): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A port of the loopback interface on which nothing listens. */
export async function freePort(): Promise<number> {
  const { url, stop } = await listen(createServer())
  await stop()
  return Number(new URL(url).port)
}
