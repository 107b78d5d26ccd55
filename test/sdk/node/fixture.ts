import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ClientPorts } from '../../../sdk/node/client-ports.ts'

export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface FakePeer {
  readonly origin: string
  readonly asked: Asked[]
  /** Answers each request; a test may replace it at any time. */
  answer: (asked: Asked, response: ServerResponse) => void
  stop(): Promise<void>
}

/** A server on loopback that notes what it is asked. */
export async function startPeer(answer: FakePeer['answer']): Promise<FakePeer> {
  const asked: Asked[] = []
  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const { method = '', url = '', headers } = message
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() }
      asked.push(request)
      peer.answer(request, response)
    })
  })
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const peer: FakePeer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer,
    async stop() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return peer
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** An issuer that numbers its tokens. */
export function startIssuer(): Promise<FakePeer> {
  let minted = 0
  return startPeer((_, response) => {
    json(response, 200, { token: `t${++minted}`, expires_in: 120, token_type: 'OathMesh' })
  })
}

export interface FakePorts extends ClientPorts {
  /** Milliseconds that were waited for. */
  readonly waited: number[]
  nowMs: number
}

/** The real `fetch`, a clock that stands still, and no waiting. */
export function fakePorts(): FakePorts {
  const ports: FakePorts = {
    waited: [],
    nowMs: 1_774_911_000_000,
    fetch: (request) => fetch(request),
    clock: { now: () => ports.nowMs },
    async wait(ms) {
      ports.waited.push(ms)
    },
  }
  return ports
}
