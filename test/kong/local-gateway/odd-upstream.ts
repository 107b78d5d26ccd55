import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

type Behaviour = (message: IncomingMessage, response: ServerResponse, uses: number) => void

/** By the beginning of the path; every other path is answered with what was asked. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  '/close': ({ socket }) => socket.destroy(),
  '/once': (message, response, uses) => {
    if (uses > 1) message.socket.destroy()
    else echo(message, response)
  },
  '/half': ({ socket }, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half', () => socket.destroy())
  },
  '/never': () => {},
  '/large': (_, response) => response.end(Buffer.alloc(5_000_000, 'x')),
  '/hop': (_, response) => {
    const hop = ['Connection', 'X-Hop, close', 'X-Hop', '1', 'Keep-Alive', 'timeout=1']
    const own = ['X-Kong-Request-Id', 'forged', 'Via', '1.0 up', 'Server', 'up']
    response.writeHead(200, [...hop, ...own]).end('hop')
  },
  '/unchanged': (_, response) => response.writeHead(304, { etag: '"1"' }).end(),
}

/** An upstream with one way to behave per path, and a note of what has arrived and gone. */
export class OddUpstream {
  readonly arrivals: string[] = []
  readonly #uses = new WeakMap<object, number>()
  #abandoned = 0

  /** How many requests have lost their connection before their answer. */
  get abandoned(): number {
    return this.#abandoned
  }

  readonly listener: RequestListener = (message, response) => {
    const path = message.url ?? ''
    this.arrivals.push(path)
    response.once('close', () => {
      if (!response.writableEnded) this.#abandoned += 1
    })
    const uses = (this.#uses.get(message.socket) ?? 0) + 1
    this.#uses.set(message.socket, uses)
    const [, behave = echo] =
      Object.entries(BEHAVIOURS).find(([start]) => path.startsWith(start)) ?? []
    behave(message, response, uses)
  }
}

function echo(message: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  message.on('end', () => {
    const { method, url, rawHeaders } = message
    const body = Buffer.concat(chunks).toString('latin1')
    response.setHeader('x-length', body.length)
    response.end(JSON.stringify({ method, url, rawHeaders, body: body.slice(0, 100) }))
  })
}
