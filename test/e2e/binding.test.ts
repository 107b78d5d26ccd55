import { request as httpRequest } from 'node:http'
import { type BoundMode, requestHash } from '../../lib/binding/request-hash.ts'
import { createClient } from '../../sdk/node/index.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, type HttpAnswer, httpCall } from '../../testkit/http-call.ts'
import { KEYS } from '../../testkit/keys.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

const MODES = ['body', 'method_path_body', 'strict'] as const
/** Kong's `client_body_buffer_size`: what is larger is spooled to disk. */
const BUFFER_BYTES = 8192
/** As high as the limit may be. */
const MAX_BYTES = 16 << 20
const SMALL_MAX_BYTES = 1000

const bound = (mode: string, more: object = {}) => ({
  ...BASE_CONFIG,
  // The largest bodies take their time on a busy machine.
  deadline_ms: 10_000,
  request_binding: { mode, max_body_bytes: MAX_BYTES, ...more },
})

/** Of the wire that is played. */
let stack: Loopback

interface Bound {
  readonly mode?: BoundMode
  readonly method?: string
  readonly target: string
  readonly body?: Buffer
}

/** A token for exactly this request. */
function tokenFor({ mode = 'strict', method = 'POST', target, body = Buffer.alloc(0) }: Bound) {
  const [rawPath = '', rawQuery = ''] = target.split('?')
  return freshToken({ rqh: requestHash(mode, { method, rawPath, rawQuery }, body) })
}

function send(token: string, { method = 'POST', target, body }: Bound): Promise<HttpAnswer> {
  const headers = ['Authorization', `OathMesh ${token}`]
  return httpCall(stack.url, { method, path: target, headers, ...(body && { body }) })
}

/** The same without Content-Length, in chunks of 1000 bytes. */
function sendChunked(token: string, { method = 'POST', target, body }: Bound): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `OathMesh ${token}`, 'transfer-encoding': 'chunked' }
    const sent = httpRequest(`${stack.url}${target}`, { method, headers, agent: false })
    sent.once('error', reject)
    sent.once('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text })
      })
    })
    const bytes = body ?? Buffer.alloc(0)
    for (let at = 0; at < bytes.length; at += 1000) sent.write(bytes.subarray(at, at + 1000))
    sent.end()
  })
}

const refusal = ({ status, text }: HttpAnswer) => {
  const { error, step } = JSON.parse(text) as { error?: string; step?: number }
  return [status, error, step]
}
const MISMATCH = [401, 'binding_mismatch', 12]

/** Bytes of every value, so that nothing may be taken for text. */
const bytes = (length: number) => Buffer.alloc(length, PATTERN)
const PATTERN = Buffer.from(Array.from({ length: 256 }, (_, at) => (at * 31) % 256))

const SIZES: readonly [string, number][] = [
  ['0 B', 0],
  ['8 kB', 8000],
  ['the buffer of Kong', BUFFER_BYTES],
  ['one byte more', BUFFER_BYTES + 1],
  ['200 kB', 200_000],
  ['2 MB', 2_000_000],
]
/** Once is enough for what takes as long. */
const LARGEST: readonly [string, number] = ['16 MiB', MAX_BYTES]

describe.each(WIRES)('on %s', (wire) => {
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: onWire(wire),
      bodyBufferBytes: BUFFER_BYTES,
      entities: serviceWith({
        '/body': bound('body'),
        '/method_path_body': bound('method_path_body'),
        '/strict': bound('strict'),
        '/small': bound('strict', { max_body_bytes: SMALL_MAX_BYTES }),
        '/large-limit': bound('strict', { max_body_bytes: 100_000 }),
        '/observed': {
          ...bound('strict', { max_body_bytes: 100_000 }),
          enforcement: 'observe',
        },
        '/all': bound('strict', { required: 'all' }),
        '/unsafe': bound('strict', { required: 'unsafe' }),
        '/off': bound('off'),
        '/ignored': bound('off', { ignore_when_off: true }),
      }),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  describe.each(MODES)('mode %s', (mode) => {
    const target = `/${mode}/items?dry=1`

    describe.each(mode === 'strict' ? [...SIZES, LARGEST] : SIZES)(
      'with a body of %s',
      (_, length) => {
        const body = bytes(length)
        const call = { mode, target, body }

        test('passes, and the upstream gets the body as it was', async () => {
          expect((await send(tokenFor(call), call)).status).toBe(200)
          const seen = stack.seen.at(-1)
          expect(Buffer.from(seen?.body ?? '', 'latin1').equals(body)).toBe(true)
          expect(seen?.headers).toMatchObject({ 'x-oathmesh-decision': 'allow' })
        })

        test('passes in chunks', async () => {
          expect((await sendChunked(tokenFor(call), call)).status).toBe(200)
        })

        test('is refused when one byte is another', async () => {
          const changed = Buffer.concat([body, Buffer.from('x')])
          if (length > 0) changed[length >> 1] = (changed[length >> 1] ?? 0) ^ 1
          const tampered = length > 0 ? changed.subarray(0, length) : changed
          const before = stack.seen.length
          const answers = [
            await send(tokenFor(call), { ...call, body: tampered }),
            await sendChunked(tokenFor(call), { ...call, body: tampered }),
          ]
          expect(answers.map(refusal)).toEqual([MISMATCH, MISMATCH])
          expect(stack.seen.length).toBe(before)
        })
      },
    )

    const body = Buffer.from('{"sku":"A-1","qty":2}')
    // What a mode does not hash is not protected: that is why strict is recommended.
    test.each([
      ['the method', { method: 'PUT' }, mode === 'body'],
      ['the path', { target: `/${mode}/other?dry=1` }, mode === 'body'],
      ['the query', { target: `/${mode}/items?dry=0` }, mode !== 'strict'],
      ['a query that is gone', { target: `/${mode}/items` }, mode !== 'strict'],
      ['an encoding of the path', { target: `/${mode}/%69tems?dry=1` }, mode === 'body'],
      ['a body cut short', { body: body.subarray(1) }, false],
    ])('with %s swapped', async (_, change, passes) => {
      const call = { mode, target, body }
      const answer = await send(tokenFor(call), { ...call, ...change })
      if (passes) expect(answer.status).toBe(200)
      else expect(refusal(answer)).toEqual(MISMATCH)
    })

    test('refuses a hash that is none', async () => {
      const token = freshToken({ rqh: 'sha256:e3b0c44298fc1c149afb' })
      expect(refusal(await send(token, { target }))).toEqual(MISMATCH)
    })

    test('lets an unbound token pass, since nothing requires a bound one', async () => {
      expect((await send(freshToken(), { target, body })).status).toBe(200)
    })

    test('takes what the Node client sends', async () => {
      const client = createClient({
        issuer: 'https://issuer.example.test',
        key: KEYS.trusted,
        subject: 'svc://shop/cart',
        audience: 'https://inventory.internal',
        action: 'inventory.write',
        binding: mode,
      })
      const init = {
        method: 'POST',
        body: new Blob([bytes(20_000)]).stream(),
        duplex: 'half' as const,
      }
      for (const sent of [init, { method: 'POST', body: 'text' }, {}]) {
        const answer = await client.fetch(`${stack.url}/${mode}/a b?q=ü#part`, sent)
        expect([answer.status, stack.seen.at(-1)?.url]).toEqual([200, `/${mode}/a%20b?q=%C3%BC`])
      }
    })
  })

  describe('a body above the limit', () => {
    const over = (target: string, length: number) => ({ target, body: bytes(length) })

    test('gets 413 by its Content-Length', async () => {
      const call = over('/small', SMALL_MAX_BYTES + 1)
      expect(refusal(await send(tokenFor(call), call))).toEqual([413, 'binding_mismatch', 12])
    })

    test('gets 413 with 20 MB', async () => {
      const call = over('/strict', 20_000_000)
      expect(refusal(await send(tokenFor(call), call))).toEqual([413, 'binding_mismatch', 12])
    })

    test('gets 413 in chunks, where Kong hands it over', async () => {
      const call = over('/small', SMALL_MAX_BYTES + 1)
      expect(refusal(await sendChunked(tokenFor(call), call))).toEqual([
        413,
        'binding_mismatch',
        12,
      ])
    })

    // On MessagePack Kong itself breaks on a spooled body that it may not read whole.
    test('gets no further in chunks, where Kong has spooled it', async () => {
      const call = over('/large-limit', 100_001)
      const before = stack.seen.length
      const answer = await sendChunked(tokenFor(call), call)
      if (wire === 'msgpack') expect(answer.status).toBe(500)
      else expect(refusal(answer)).toEqual([413, 'binding_mismatch', 12])
      expect(stack.seen.length).toBe(before)
    })

    test('passes while it is only observed, and is in the audit', async () => {
      const call = over('/observed', 100_001)
      expect((await send(tokenFor(call), call)).status).toBe(200)
      await stack.logged(/"reason":"body_over_limit".*"enforced":false/)
      const spooled = await sendChunked(tokenFor(call), call)
      expect(spooled.status).toBe(wire === 'msgpack' ? 500 : 200)
    })

    test('is of no interest when the token is not bound', async () => {
      expect((await send(freshToken(), over('/small', 50_000))).status).toBe(200)
    })

    test('may be exactly as long as the limit', async () => {
      const call = over('/small', SMALL_MAX_BYTES)
      expect((await send(tokenFor(call), call)).status).toBe(200)
    })
  })

  describe('where binding is required', () => {
    test('of all, an unbound token is refused whatever the method', async () => {
      for (const method of ['GET', 'POST']) {
        const answer = await send(freshToken(), { method, target: '/all' })
        expect(refusal(answer)).toEqual([401, 'binding_required', 12])
      }
      const call = { method: 'GET', target: '/all' }
      expect((await send(tokenFor(call), call)).status).toBe(200)
    })

    test.each([
      ['GET', 200],
      ['OPTIONS', 200],
      ['POST', 401],
      ['DELETE', 401],
    ])('of unsafe methods, an unbound %s ends with %i', async (method, status) => {
      expect((await send(freshToken(), { method, target: '/unsafe' })).status).toBe(status)
    })
  })

  describe('with mode off', () => {
    test('a bound token is refused: nobody would check it', async () => {
      const call = { target: '/off', body: Buffer.from('x') }
      expect(refusal(await send(tokenFor(call), call))).toEqual(MISMATCH)
    })

    test('an unbound one passes', async () => {
      expect((await send(freshToken(), { target: '/off' })).status).toBe(200)
    })

    test('a bound one passes where that was asked for', async () => {
      const call = { target: '/ignored', body: Buffer.from('x') }
      expect((await send(tokenFor(call), { ...call, body: Buffer.from('y') })).status).toBe(200)
    })
  })
})
