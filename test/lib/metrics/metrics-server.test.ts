import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MetricsLimits, MetricsServer } from '../../../lib/metrics/metrics-server.ts'
import type { Readiness } from '../../../lib/metrics/readiness.ts'
import { parseAddress } from '../../../lib/ports/address.ts'
import { RecordingLog } from '../keys/fixture.ts'

const LOOPBACK = parseAddress('--metrics', '127.0.0.1:0')
const LIMITS = { maxConnections: 4, requestMs: 300, answerMs: 300 }
/** More than a socket holds on its way. */
const LONG = 'oathmesh_verifications_total 1\n'.repeat(1_000_000)

const log = new RecordingLog()
let readiness: Readiness
let exposition: () => Promise<string>
let server: MetricsServer | undefined
let place: string

beforeEach(async () => {
  readiness = { ready: true, reasons: [] }
  exposition = async () => 'oathmesh_verifications_total 1\n'
  await start()
})
afterEach(() => server?.close())

async function start(limits?: MetricsLimits): Promise<void> {
  server?.close()
  server = new MetricsServer({
    log,
    identity: 'tested',
    exposition: () => exposition(),
    readiness: async () => readiness,
    ...(limits && { limits }),
  })
  place = await server.listen(LOOPBACK)
}

const get = async (path: string, init: RequestInit = {}) => {
  const answer = await fetch(`http://${place}${path}`, init)
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

function open(): Socket {
  const [host = '', port] = place.split(':')
  return connect(Number(port), host).on('error', () => {})
}

describe('MetricsServer', () => {
  test('gives the exposition as Prometheus expects it', async () => {
    const { status, text, headers } = await get('/metrics?any=thing')

    expect({ status, text }).toEqual({ status: 200, text: 'oathmesh_verifications_total 1\n' })
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('is healthy while it answers, and says who it is', async () => {
    readiness = { ready: false, reasons: ['Redis 127.0.0.1:6379 was never reached'] }

    expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok tested\n' })
  })

  test.each<readonly [string, Readiness, number, string]>([
    ['ready', { ready: true, reasons: [] }, 200, 'ready\n'],
    ['ready but for one', { ready: true, reasons: ['no keys'] }, 200, 'ready\nno keys\n'],
    ['not ready', { ready: false, reasons: ['no keys'] }, 503, 'not ready\nno keys\n'],
  ])('says that it is %s', async (_about, given, status, text) => {
    readiness = given

    expect(await get('/readyz')).toMatchObject({ status, text })
  })

  test('is not ready while it stops, and still shows its figures', async () => {
    server?.drain()

    expect(await get('/readyz')).toMatchObject({ status: 503, text: 'not ready\nstopping\n' })
    expect(await get('/metrics')).toMatchObject({ status: 200 })
  })

  test.each([
    ['/', 'GET'],
    ['/metrics/', 'GET'],
    ['/metrics', 'POST'],
    ['/healthz', 'DELETE'],
    ['/..%2fmetrics', 'GET'],
    ['/debug/pprof', 'GET'],
  ])('has nothing at %s for %s', async (path, method) => {
    const body = method === 'POST' ? { body: 'x'.repeat(100_000) } : {}

    expect(await get(path, { method, ...body })).toMatchObject({ status: 404, text: 'not found\n' })
  })

  test('says no more than that it failed, and logs why', async () => {
    exposition = () => Promise.reject(new Error('the reason'))

    expect(await get('/metrics')).toMatchObject({ status: 500, text: 'failed: see the log\n' })
    expect(JSON.stringify(log)).toContain('the reason')
  })

  test('cuts who is slow to ask', async () => {
    await start(LIMITS)
    const socket = open()
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n')
    socket.resume()

    // With a word, where it has heard a part.
    await once(socket, 'close')
    expect(socket.bytesRead).toBeLessThan(200)
  })

  test('cuts who is slow to take the answer, even a bit at a time', async () => {
    exposition = async () => LONG
    await start(LIMITS)
    const socket = open()
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
    let taken = 0
    socket.on('data', (chunk) => {
      taken += chunk.length
      socket.pause()
      setTimeout(() => socket.resume(), 20)
    })

    await once(socket, 'close')
    expect(taken).toBeLessThan(LONG.length)
  })

  test('takes no more connections than it should', async () => {
    await start({ ...LIMITS, requestMs: 30_000, answerMs: 30_000 })
    const sockets = Array.from({ length: LIMITS.maxConnections }, open)
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    const surplus = open()

    await once(surplus, 'close')
    for (const socket of sockets) socket.destroy()
  })

  test('refuses headers that are too long', async () => {
    const asked = request(`http://${place}/metrics`, { headers: { padding: 'x'.repeat(20_000) } })
    asked.end()
    const [answer] = await once(asked, 'response')

    expect(answer.statusCode).toBe(431)
    asked.destroy()
  })

  test('listens on a unix socket that is its owner’s alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'om-metrics-'))
    const path = join(folder, 'm.sock')
    const other = new MetricsServer({
      log,
      identity: 'other',
      exposition,
      readiness: async () => readiness,
    })
    expect(await other.listen({ kind: 'unix', path })).toBe(`unix:${path}`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const asked = request({ socketPath: path, path: '/healthz', agent: false }).end()
    const [answer] = await once(asked, 'response')

    expect(answer.statusCode).toBe(200)
    answer.resume()
    other.close()
    rmSync(folder, { recursive: true })
  })
})
