import type { IncomingMessage } from 'node:http'
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import type { AnswerView, Pair } from './story.ts'

/** Longer than any gateway waits that we know of, shorter than a person does. */
const TIMEOUT_MS = 15_000
/** What of an answer is shown. */
const BODY_BYTES = 16_384

/** One call with a token. Rejects when there is no answer; the reason then names no token. */
export function send(url: string, token: string): Promise<AnswerView> {
  const request = url.startsWith('https:') ? overHttps : overHttp
  return new Promise((answered, failed) => {
    const sent = request(url, {
      // A connection of its own: none is left to a gateway that has been restarted since.
      agent: false,
      timeout: TIMEOUT_MS,
      headers: { authorization: `OathMesh ${token}`, accept: 'application/json' },
    })
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
    sent.once('error', failed)
    sent.once('response', (answer) => void read(answer).then(answered, failed))
    sent.end()
  })
}

async function read(answer: IncomingMessage): Promise<AnswerView> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    if (size < BODY_BYTES) chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
  }
  const body = Buffer.concat(chunks).subarray(0, BODY_BYTES).toString('utf8')
  return { status: answer.statusCode ?? 0, headers: pairsOf(answer.rawHeaders), body }
}

/** Names and values in turn, as pairs. */
export function pairsOf(raw: readonly string[]): readonly Pair[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []))
}
