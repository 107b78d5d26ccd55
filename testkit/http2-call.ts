import { connect } from 'node:http2'
import type { HttpAnswer } from './http-call.ts'

export interface Http2Call {
  readonly method?: string
  readonly path?: string
  readonly authority?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** Sent as one write, so as few DATA frames as fit. */
  readonly body?: Uint8Array
}

export interface Http2Answer extends HttpAnswer {
  readonly trailers: Readonly<Record<string, string | string[] | undefined>>
}

/** One HTTP/2 request without TLS, on a connection of its own. */
export function http2Call(origin: string, call: Http2Call): Promise<Http2Answer> {
  const { method = 'GET', path = '/', authority = 'default.test', headers = {}, body } = call
  const session = connect(origin)
  return new Promise<Http2Answer>((resolve, reject) => {
    session.once('error', reject)
    const stream = session.request(
      { ':method': method, ':path': path, ':authority': authority, ...headers },
      { endStream: body === undefined },
    )
    let answer: HttpAnswer['headers'] = {}
    let trailers: Http2Answer['trailers'] = {}
    const chunks: Buffer[] = []
    stream.once('error', reject)
    stream.once('response', (got) => {
      answer = got
    })
    stream.once('trailers', (got) => {
      trailers = got
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => {
      const text = Buffer.concat(chunks).toString()
      resolve({ status: Number(answer[':status']), headers: answer, trailers, text })
    })
    if (body !== undefined) stream.end(body)
  }).finally(() => session.close())
}
