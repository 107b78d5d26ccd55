import type { ServerResponse } from 'node:http'
import type { Exchange, ExitAnswer } from './exchange.ts'

/** Answers the client without an upstream. What is left of the request body is thrown away. */
export function sendAnswer(exchange: Exchange, answer: ExitAnswer, response: ServerResponse): void {
  exchange.status = answer.status
  exchange.message.resume()
  const body = Buffer.from(answer.body)
  response.writeHead(answer.status, {
    ...(answer.headers as Record<string, string>),
    'content-length': body.length,
  })
  response.end(body)
}
