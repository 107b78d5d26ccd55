import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { readReplayably } from '../../../sdk/node/verify/replayable-body.ts'
import { listen } from '../../../testkit/listen.ts'

/** What is read of a request at the very moment at which it is handed over, and what is left for who comes next. */
async function readAtOnce(...writes: readonly string[]): Promise<readonly [string, string]> {
  let told: (read: readonly [string, string]) => void = () => {}
  const read = new Promise<readonly [string, string]>((resolve) => {
    told = resolve
  })
  const server = await listen(
    createServer((request, response) => {
      void readReplayably(request, 1000).then(async (body) => {
        told([body.kind === 'bytes' ? String(body.bytes) : body.kind, await rest(request)])
        response.end()
      })
    }),
  )
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  for (const text of writes) {
    socket.write(text)
    await new Promise((written) => setTimeout(written, 20))
  }
  const both = await read
  socket.destroy()
  await server.stop()
  return both
}

/** As handlers read that listen to the stream: an end that has gone by is never told again. */
function rest(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  return new Promise((ended) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => ended(Buffer.concat(chunks).toString()))
  })
}

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\n'

test.each<[string, readonly string[], string]>([
  ['no body', ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'], ''],
  ['an empty body', [`${HEAD}Content-Length: 0\r\n\r\n`], ''],
  ['an empty body in chunks', [`${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`], ''],
  [
    'an empty body in chunks, later',
    [`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '0\r\n\r\n'],
    '',
  ],
  ['a body with its headers', [`${HEAD}Content-Length: 4\r\n\r\npaid`], 'paid'],
  ['a body after its headers', [`${HEAD}Content-Length: 4\r\n\r\n`, 'pa', 'id'], 'paid'],
])('%s is read, and is there for who reads next', async (_, writes, body) => {
  expect(await readAtOnce(...writes)).toEqual([body, body])
})
