import { randomBytes } from 'node:crypto'
import { type ClientHttp2Session, connect } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { checkBytes } from './check-bytes.ts'
import { freshToken } from './fresh-token.ts'
import { KEYS } from './keys.ts'

const AT_ONCE = 16
const stranger = freshToken({}, KEYS.stranger)
const missing = checkBytes({ headers: {} })

/** What a service of Envoy refuses, in turn: tokens of strangers, none, and much that is no Check. */
const KINDS: readonly (() => Uint8Array)[] = [
  () => checkBytes({ headers: { authorization: `OathMesh ${stranger}` } }),
  () => checkBytes({ headers: { authorization: `OathMesh ${randomBytes(300).toString('hex')}` } }),
  () => checkBytes({ headers: { 'x-request-id': randomBytes(8).toString('hex') } }),
  () => checkBytes({ headers: {}, extensions: { oathmesh: randomBytes(8).toString('hex') } }),
  () => randomBytes(2000),
  () => missing.subarray(0, Math.floor(Math.random() * missing.length)),
  () => Buffer.alloc(20_000, 0x12),
  () => new Uint8Array(),
]

/** Checks over one connection to a socket, none of which may pass. */
export class RefusedChecks {
  readonly #session: ClientHttp2Session
  #turn = 0

  constructor(socketPath: string) {
    const createConnection = () => connectSocket(socketPath)
    this.#session = connect('http://localhost', { createConnection })
  }

  /** Sends this many. Rejects when one is not answered, or passes. */
  async send(count: number): Promise<void> {
    const last = this.#turn + count
    const one = async () => {
      while (this.#turn < last)
        await this.#ask((KINDS[this.#turn++ % KINDS.length] ?? (() => missing))())
    }
    await Promise.all(Array.from({ length: AT_ONCE }, one))
  }

  close(): void {
    this.#session.destroy()
  }

  #ask(check: Uint8Array): Promise<void> {
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(check.length, 1)
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({
        ':method': 'POST',
        ':path': '/envoy.service.auth.v3.Authorization/Check',
        'content-type': 'application/grpc',
        'grpc-timeout': '30S',
      })
      let answer = ''
      stream.on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1')
      })
      stream.on('error', reject)
      stream.on('end', () => {
        // What Envoy takes for a denial has a body with a code, or at least the decision.
        if (answer.includes('deny')) resolve()
        else reject(new Error(`a Check was not refused: ${JSON.stringify(answer)}`))
      })
      stream.end(Buffer.concat([prefix, check]))
    })
  }
}
