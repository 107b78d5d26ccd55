import { connect } from 'node:net'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls } from '../../testkit/http-call.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

let stack: Loopback

beforeAll(async () => {
  stack = await startOnLoopback({
    entities: serviceWith({
      '/items': {
        ...BASE_CONFIG,
        request_binding: { mode: 'strict', required: 'unsafe', max_body_bytes: 1024 },
      },
    }),
  })
})
afterAll(async () => {
  closeHttpCalls()
  await stack.stop()
})

/** Sends an unbound token with this head and body, byte for byte. */
function call(method: string, framing: string, body: string): Promise<number> {
  const { hostname, port } = new URL(stack.url)
  const authorization = `Authorization: OathMesh ${freshToken()}`
  const head = [
    `${method} /items HTTP/1.1`,
    `Host: ${hostname}`,
    authorization,
    'Connection: close',
  ]
  const lines = framing === '' ? head : [...head, framing]
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
    })
    socket.on('end', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])))
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  })
}

const LONG = 'x'.repeat(2000)

describe('a safe method with a body, where unsafe requests must be bound', () => {
  test.each([
    ['GET', '', ''],
    ['HEAD', '', ''],
    ['OPTIONS', '', ''],
    ['GET', 'Content-Length: 0', ''],
    ['GET', 'Transfer-Encoding: chunked', '0\r\n\r\n'],
  ])('%s with "%s" has none and passes unbound', async (method, framing, body) => {
    expect(await call(method, framing, body)).toBe(200)
  })

  test.each([
    ['GET', 'Content-Length: 9', 'delete=42'],
    ['HEAD', 'Content-Length: 9', 'delete=42'],
    ['OPTIONS', 'Content-Length: 9', 'delete=42'],
    ['GET', 'Content-Length: 1', '\0'],
    ['GET', 'Transfer-Encoding: chunked', '1\r\nx\r\n0\r\n\r\n'],
    ['OPTIONS', 'Transfer-Encoding: chunked', '9\r\ndelete=42\r\n0\r\n\r\n'],
    ['GET', `Content-Length: ${LONG.length}`, LONG],
    ['GET', 'Transfer-Encoding: chunked', `7d0\r\n${LONG}\r\n0\r\n\r\n`],
    ['POST', 'Content-Length: 0', ''],
  ])('%s with "%s" is refused unbound', async (method, framing, body) => {
    expect(await call(method, framing, body)).toBe(401)
  })

  test('reaches the upstream only without one', () => {
    expect(stack.seen.map(({ body }) => body)).toEqual(['', '', '', '', ''])
  })
})
