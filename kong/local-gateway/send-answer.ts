import type { ServerResponse } from 'node:http'
import type { Exchange, ExitAnswer } from './exchange.ts'

/** Answers the client without an upstream. What is left of the request body is thrown away. */
export function sendAnswer(exchange: Exchange, answer: ExitAnswer, response: ServerResponse): void {
  if (!exchange.bodyRead) exchange.message.resume()
  const headers = writeAnswer(answer, response)
  exchange.sent = { status: answer.status, headers, source: 'kong' }
}

/** Writes an answer and returns its headers, names and values in turn. */
export function writeAnswer(answer: ExitAnswer, response: ServerResponse): readonly string[] {
  const body = Buffer.from(answer.body)
  const headers = Object.entries({ ...answer.headers, 'content-length': String(body.length) })
  const raw = headers.flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((each) => [name, each]),
  )
  response.writeHead(answer.status, raw)
  response.end(body)
  return raw
}
