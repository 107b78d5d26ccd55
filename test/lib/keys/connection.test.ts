import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { KeySetPool } from '../../../lib/keys/key-set-pool.ts'
import { HttpFault, NodeHttp } from '../../../lib/ports/http.ts'
import { body, document, JwksServer } from '../../../testkit/jwks-server.ts'
import { Authority } from './certificates.ts'
import {
  atOnce,
  cacheWithOwnClient,
  FakeTime,
  newKey,
  RecordingLog,
  SETTINGS,
  until,
  waited,
} from './fixture.ts'
import { runAlone } from './run-alone.ts'

const key = newKey('key')
const DOCUMENT = JSON.stringify({ keys: [key.jwk] })

async function lookUp(issuer: string, settings = {}) {
  const { cache, log } = cacheWithOwnClient({ issuers: [{ issuer }], settings })
  const { found } = await cache.find(issuer, 'key')
  return { found, cause: String(log.lines[0]?.fields['cause'] ?? '') }
}

describe('a peer that breaks off, stalls or speaks something else', () => {
  let server: Server
  let talk: (socket: Socket) => void
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
      socket.once('data', () => talk(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const head = (length: number) => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`
  const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`
  const settings = { timeoutMs: 150 }
  const issuer = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  // biome-ignore format: reads as a table
  const PEERS: [name: string, talk: (socket: Socket) => void, found: string, cause: RegExp][] = [
    ['resets at once',               (s) => s.resetAndDestroy(),                          'unreachable', /ECONNRESET/],
    ['closes at once',               (s) => s.end(),                                      'unreachable', /hang up/],
    ['is silent',                    () => {},                                            'unreachable', /within 150 ms/],
    ['stalls in the status line',    (s) => s.write('HTTP/1.1 2'),                        'unreachable', /within 150 ms/],
    ['stalls in the headers',        (s) => s.write('HTTP/1.1 200 OK\r\nx: '),            'unreachable', /within 150 ms/],
    ['stalls before the body',       (s) => s.write(head(DOCUMENT.length)),               'unreachable', /within 150 ms/],
    ['stalls in the body',           (s) => s.write(head(DOCUMENT.length) + DOCUMENT.slice(0, 9)), 'unreachable', /within 150 ms/],
    ['closes in the body',           (s) => s.end(head(DOCUMENT.length) + DOCUMENT.slice(0, -9)),  'unreachable', /aborted/],
    ['closes before the last chunk', (s) => s.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${DOCUMENT.length.toString(16)}\r\n${DOCUMENT}\r\n`), 'unreachable', /aborted/],
    ['speaks another protocol',      (s) => s.end('SSH-2.0-OpenSSH_9.2\r\n'),             'unreachable', /Parse Error/],
    ['sends endless headers',        (s) => s.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`), 'unreachable', /overflow/],
    ['announces 5 GB',               (s) => s.write(head(5e9)),                           'invalid_document', /longer than 65536/],
    ['sends chunks without end',     (s) => s.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(20)}`), 'invalid_document', /longer than 65536/],
    ['gives two lengths',            (s) => s.end(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: ${DOCUMENT.length}\r\n\r\n${DOCUMENT}`), 'unreachable', /Parse Error/],
  ]

  test.each(PEERS)('%s', async (_name, behave, found, cause) => {
    talk = behave
    expect(await lookUp(issuer(), settings)).toEqual({ found, cause: expect.stringMatching(cause) })
    await until(() => sockets.size === 0)
  })

  test('sends a byte now and then, which the bound on the whole exchange ends', async () => {
    talk = (socket) => {
      socket.write(head(60_000))
      const drip = setInterval(() => socket.write(' '), 10)
      socket.on('close', () => clearInterval(drip))
    }
    const startedAt = performance.now()

    expect((await lookUp(issuer(), settings)).found).toBe('unreachable')
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})

describe('a name or port that leads nowhere', () => {
  // biome-ignore format: reads as a table
  test.each([
    ['http://issuer.invalid', /ENOTFOUND|EAI_AGAIN/],
    ['http://127.0.0.1:1',    /ECONNREFUSED/],
    ['http://0.0.0.0:1',      /ECONNREFUSED/],
  ])('%s', async (issuer, cause) => {
    expect(await lookUp(issuer)).toEqual({
      found: 'unreachable',
      cause: expect.stringMatching(cause),
    })
  })
})

describe('TLS', () => {
  let authority: Authority
  let stranger: Authority
  const servers: JwksServer[] = []
  const serve = async (name: string, days?: number) => {
    const server = await JwksServer.start(
      document({ keys: [key.jwk] }),
      authority.issue(name, days),
    )
    servers.push(server)
    return server
  }
  beforeAll(() => {
    authority = new Authority()
    stranger = new Authority()
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
    authority.remove()
    stranger.remove()
  })

  test('is trusted by an authority of keys.ca_file', async () => {
    const { origin } = await serve('IP:127.0.0.1')
    const settings = { caFile: authority.caFile, allowHttp: false }
    expect(await lookUp(origin, settings)).toEqual({ found: 'key', cause: '' })
  })

  // biome-ignore format: reads as a table
  test.each([
    ['expired',           'IP:127.0.0.1',            -1, /expired/],
    ['for another name',  'DNS:issuer.example.test',  1, /does not match/],
  ])('is refused with a certificate that is %s', async (_fault, name, days, cause) => {
    const server = await serve(name, days)
    expect(await lookUp(server.origin, { caFile: authority.caFile })).toEqual({
      found: 'unreachable',
      cause: expect.stringMatching(cause),
    })
    expect(server.requests).toBe(0)
  })

  test('is judged by what keys.ca_file says when an instance starts, not before', async () => {
    const { origin } = await serve('IP:127.0.0.1')
    const caFile = stranger.write('renewed.pem', readFileSync(stranger.caFile, 'utf8'))
    const { clock, later } = new FakeTime()
    const pool = new KeySetPool({ maxSets: 10, clock, later, log: new RecordingLog() })
    const settings = { ...SETTINGS, caFile }
    const before = pool.keySet({ issuer: origin }, settings)
    stranger.write('renewed.pem', readFileSync(authority.caFile, 'utf8'))

    expect(await waited(before.find('key'))).toBe('unreachable')
    expect(await waited(pool.keySet({ issuer: origin }, settings).find('key'))).toBe('key')
  })

  test('is refused from an authority that nobody named', async () => {
    const { origin } = await serve('IP:127.0.0.1')
    const cause = expect.stringMatching(/certificate/)
    expect(await lookUp(origin)).toEqual({ found: 'unreachable', cause })
    expect(await lookUp(origin, { caFile: stranger.caFile })).toEqual({
      found: 'unreachable',
      cause,
    })
  })

  test('is checked even where the environment says otherwise', async () => {
    const { origin } = await serve('IP:127.0.0.1')
    const script = `
      import { NodeHttp } from './lib/ports/http.ts'
      const answer = new NodeHttp().get(new URL('${origin}'), { timeoutMs: 2000, maxBytes: 1000 })
      answer.then(() => console.log('answered'), (fault) => console.log(fault.message))`
    const printed = await runAlone(script, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(printed).toBe('unable to verify the first certificate')
  })

  test('that expires serves stale keys, then none', async () => {
    const server = await serve('IP:127.0.0.1')
    const { cache, time } = cacheWithOwnClient({
      issuers: [{ issuer: server.origin }],
      settings: { caFile: authority.caFile },
    })
    await cache.prewarm()
    const { origin } = server
    await server.stop()
    const expired = await JwksServer.start(
      document({ keys: [key.jwk] }),
      authority.issue('IP:127.0.0.1', -1),
      Number(new URL(origin).port),
    )
    servers.push(expired)
    time.jump(59)
    expect(atOnce(cache.find(origin, 'key'))).toBe('key')
    await until(() => cache.stats()[0]?.failures === 1)
    time.jump(600)
    expect(atOnce(cache.find(origin, 'key'))).toBe('key')
    await until(() => cache.stats()[0]?.failures === 2)
    time.jump(60)

    expect(await waited(cache.find(origin, 'key'))).toBe('unreachable')
    expect(expired.requests).toBe(0)
  })
})

describe('keys.ca_file is checked when the cache is made', () => {
  let authority: Authority
  beforeAll(() => {
    authority = new Authority()
  })
  afterAll(() => authority.remove())

  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  // biome-ignore format: reads as a table
  test.each([
    ['a missing file',        () => '/nonexistent/ca.pem',                               'cannot be read (ENOENT)'],
    ['a folder',              () => '/',                                                 'cannot be read (EISDIR)'],
    ['an empty file',         () => authority.write('empty.pem', ''),                    'holds no PEM certificate'],
    ['a private key',         () => authority.write('key.pem', authority.issue('IP:127.0.0.1').key), 'holds no PEM certificate'],
    ['a broken certificate',  () => authority.write('broken.pem', broken),               'certificate 1 cannot be read'],
    ['a broken second one',   () => authority.write('second.pem', readFileSync(authority.caFile, 'utf8') + broken), 'certificate 2 cannot be read'],
  ])('%s', (_fault, path, message) => {
    const make = () =>
      cacheWithOwnClient({ issuers: [{ issuer: 'https://i.example.test' }], settings: { caFile: path() } })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(`keys.ca_file: ${message}`)
  })
})

describe('connections', () => {
  const limits = { timeoutMs: 1000, maxBytes: 1000 }

  test('are used again', async () => {
    const server = await JwksServer.start(body('{}'))
    const http = new NodeHttp()
    for (let round = 0; round < 3; round++) {
      await http.get(new URL(server.origin), limits)
      await sleep(1)
    }

    expect(server.connections).toBe(1)
    await server.stop()
  })

  test('that were closed while idle are not the fault of the call that finds out', async () => {
    const server = await JwksServer.start(body('{}'))
    const http = new NodeHttp()
    await http.get(new URL(server.origin), limits)
    await sleep(1)
    // The reset is on its way while the next request is written.
    server.cut()
    await expect(http.get(new URL(server.origin), limits)).resolves.toMatchObject({ status: 200 })

    expect(server.connections).toBe(2)
    await server.stop()
  })

  test('are closed when an answer was refused', async () => {
    const server = await JwksServer.start(body('x'.repeat(5000)))
    await expect(new NodeHttp().get(new URL(server.origin), limits)).rejects.toThrow(HttpFault)
    await until(() => server.openConnections === 0)
    await server.stop()
  })
})
