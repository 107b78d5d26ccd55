import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { Harness } from './harness.ts'

type Behaviour = readonly [string, (socket: Socket) => void]

function repeating(socket: Socket, what: string, everyMs: number): void {
  const timer = setInterval(() => socket.write(what), everyMs)
  socket.once('close', () => clearInterval(timer))
}

/** What listens where Redis should, from the beginning or from some moment on. */
const PEERS: readonly Behaviour[] = [
  ['says nothing', () => {}],
  ['answers by the byte, and never whole', (socket) => repeating(socket, 'x', 20)],
  [
    'begins an answer of a gigabyte and stops',
    (socket) => socket.write('$1000000000\r\nxxxxxxxxxxxxxx'),
  ],
  ['closes at once', (socket) => socket.end()],
  ['speaks something else', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
]

/** Forwards to Redis until it is told to behave otherwise. */
class Turncoat {
  readonly server: Server
  behave: ((socket: Socket) => void) | undefined
  readonly #sockets = new Set<Socket>()

  constructor(port: number) {
    this.server = createServer((socket) => {
      this.#sockets.add(socket.on('error', () => {}))
      if (this.behave !== undefined) return this.behave(socket.resume())
      const redis = connect(port, '127.0.0.1').on('error', () => {})
      socket.pipe(redis).pipe(socket)
    })
  }

  get port(): number {
    return (this.server.address() as { port: number }).port
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

let redis: RedisServer
let turncoat: Turncoat
beforeEach(async () => {
  redis = await RedisServer.start()
  turncoat = new Turncoat(redis.port)
  turncoat.server.listen(0, '127.0.0.1')
  await once(turncoat.server, 'listening')
})
afterEach(async () => {
  turncoat.cut()
  turncoat.server.close()
  await redis.stop()
})

const settings = () => ({ ...redis.settings, port: turncoat.port, connectTimeoutMs: 300 })

describe.each(PEERS)('a Redis that %s', (_, behave) => {
  test('from the beginning is a refusal, for as long as it is there', async () => {
    turncoat.behave = behave
    const harness = new Harness(settings())
    await harness.replay.open()
    for (let at = 0; at < 5; at++) {
      const uses = Array.from({ length: 20 }, (_each, n) => harness.use(`${at} ${n}`))
      const outcomes = await Promise.all(uses.map((use) => harness.claim(use)))
      expect(new Set(outcomes)).toEqual(new Set(['unavailable']))
    }
    turncoat.behave = undefined
    await until(async () => {
      harness.pass(2)
      return (await harness.claim(harness.use(`later ${harness.nowMs}`))) === 'fresh'
    }, 25_000)
    await harness.replay.close()
  })

  test('after it was good lets no token pass twice but those it knows', async () => {
    const harness = await Harness.open(settings())
    const known = harness.use('known')
    expect(await harness.claim(known)).toBe('fresh')
    turncoat.behave = behave
    turncoat.cut()
    await until(async () => (await harness.claim(known)) === 'known_good', 25_000)
    expect(await harness.claim(harness.use('new'))).toBe('unavailable')
    turncoat.behave = undefined
    turncoat.cut()
    await until(async () => {
      harness.pass(2)
      return (await harness.claim(harness.use(`later ${harness.nowMs}`))) === 'fresh'
    }, 25_000)
    expect(await harness.claim(known)).toBe('seen')
    await harness.replay.close()
  })
})
