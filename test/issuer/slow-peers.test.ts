import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until } from '../../testkit/redis-server.ts'
import { Authority } from '../lib/keys/certificates.ts'
import { TestIssuer } from './fixture.ts'

const HALF = 'POST /v1/token HTTP/1.1\r\nHost: a\r\nX-Slow: '
type Behaviour = readonly [string, (socket: Socket) => void]

const every = (socket: Socket, what: string) => {
  const drip = setInterval(() => socket.write(what), 200)
  socket.once('close', () => clearInterval(drip))
}
const PLAIN: readonly Behaviour[] = [
  ['says nothing', () => {}],
  ['stops within its headers', (socket) => socket.write(HALF)],
  [
    'sends its headers by the byte',
    (socket) => {
      socket.write(HALF)
      every(socket, 'x')
    },
  ],
  ['stops within its body', (socket) => socket.write(`${HALF}\r\nContent-Length: 10\r\n\r\n{`)],
  [
    'sends its body by the byte',
    (socket) => {
      socket.write(`${HALF}\r\nContent-Length: 1000\r\n\r\n{`)
      every(socket, ' ')
    },
  ],
]
const SECURE: readonly Behaviour[] = [
  // The beginning of a ClientHello.
  ['stops within its handshake', (socket) => socket.write(Buffer.from('16030100c801', 'hex'))],
  ['does not begin its handshake', () => {}],
]

test('peers that are slow are cut within seconds, and others are served meanwhile', async () => {
  const authority = new Authority()
  const plain = await TestIssuer.start()
  const secure = await TestIssuer.start({}, { tls: authority.issue('IP:127.0.0.1') })
  const held = new Map<Socket, string>()
  for (const [issuer, behaviours] of [
    [plain, PLAIN],
    [secure, SECURE],
  ] as const) {
    for (const [what, behave] of behaviours.flatMap((each) => Array<Behaviour>(20).fill(each))) {
      const socket = connect(issuer.server.port, '127.0.0.1').on('error', () => {})
      held.set(socket.resume(), what)
      socket.once('close', () => held.delete(socket))
      behave(socket)
    }
  }
  expect(held.size).toBe(140)
  await until(async () => {
    expect((await plain.call('/healthz')).status).toBe(200)
    return held.size === 0
  }, 30_000).catch(() => {})
  expect([...new Set(held.values())]).toEqual([])
  await Promise.all([plain.stop(), secure.stop()])
  authority.remove()
})

test('a thousand peers that stop within their requests are in nobody’s way', async () => {
  const issuer = await TestIssuer.start()
  const peers = Array.from({ length: 1000 }, () => {
    const socket = connect(issuer.server.port, '127.0.0.1', () => socket.write(HALF))
    return socket.on('error', () => {})
  })
  await Promise.all(peers.map((socket) => once(socket, 'connect')))
  for (let at = 0; at < 20; at++) expect((await issuer.call('/healthz')).status).toBe(200)
  for (const socket of peers) socket.destroy()
  await issuer.stop()
})
