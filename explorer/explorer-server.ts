import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorMessage } from '../lib/error-message.ts'
import { refusalOf } from './admission.ts'
import { Explorer } from './explorer.ts'
import { type PageFile, pageFiles, SAFE_HEADERS } from './page-files.ts'
import { readPlayRequest } from './play-request.ts'
import type { Stage } from './stage.ts'

export interface ExplorerOptions {
  readonly stage: Stage
  /** The built page, `dist/explorer`. */
  readonly folder: string
  /** 0 takes any free one. */
  readonly port: number
}

const KEY_BYTES = 24
const BODY_BYTES = 8192
const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
}

/** The page and what it asks, on 127.0.0.1 alone. */
export class ExplorerServer {
  readonly #server: Server
  readonly #explorer: Explorer
  readonly #files: ReadonlyMap<string, PageFile>
  readonly #key = randomBytes(KEY_BYTES).toString('base64url')

  private constructor({ stage, folder }: ExplorerOptions) {
    this.#explorer = new Explorer(stage)
    this.#files = pageFiles(folder)
    this.#server = createServer(PATIENCE, (message, response) => {
      this.#answer(message, response).catch((cause: unknown) => {
        sendJson(response, cause instanceof RangeError ? 400 : 502, { error: errorMessage(cause) })
      })
    })
  }

  /** Listens when it resolves. */
  static async start(options: ExplorerOptions): Promise<ExplorerServer> {
    const server = new ExplorerServer(options)
    await new Promise<void>((listening, failed) => {
      server.#server.once('error', failed).listen(options.port, '127.0.0.1', listening)
    })
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** To be opened as it is: the part behind `#` is the key, and no browser sends that on. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/#key=${this.#key}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusalOf(message, this.port, this.#key)
    if (refused !== undefined) return sendJson(response, 403, { error: refused })
    const { method, url = '' } = message
    if (method === 'GET' && url === '/api/scenery') {
      return sendJson(response, 200, this.#explorer.scenery)
    }
    if (method === 'POST' && url === '/api/play') {
      const story = await this.#explorer.play(readPlayRequest(await textOf(message)))
      return sendJson(response, 200, story)
    }
    const file = method === 'GET' ? this.#files.get(url) : undefined
    if (file === undefined) return sendJson(response, 404, { error: 'nothing here' })
    response.writeHead(200, { ...SAFE_HEADERS, 'content-type': file.type })
    response.end(file.bytes)
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...SAFE_HEADERS, 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    size += (chunk as Buffer).length
    if (size > BODY_BYTES) throw new RangeError(`the request is larger than ${BODY_BYTES} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}
