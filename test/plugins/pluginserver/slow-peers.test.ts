import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '@msgpack/msgpack'
import { writeMessage } from '../../../plugins/pluginserver/wire/protobuf/write-message.ts'
import { KongLine } from './kong-line.ts'
import { ProtobufLine } from './protobuf-line.ts'
import { bundleServer, ServerProcess, temporaryFolder } from './server-process.ts'
import { framed } from './wire/protobuf/pipe-socket.ts'

const MIB = 2 ** 20
const PHASE_MS = '600'

interface SlowWire {
  readonly wire: 'msgpack' | 'protobuf'
  /** A whole frame that is answered, and is longer than its parts are sent for. */
  readonly question: Buffer
  /** A call by somebody else, from its beginning to its end. */
  callOf(server: ServerProcess): Promise<void>
}

const name = 'x'.repeat(200_000)
const WIRES: readonly SlowWire[] = [
  {
    wire: 'msgpack',
    question: Buffer.from(encode([0, 1, 'plugin.GetPluginInfo', [name]])),
    async callOf(server) {
      const line = await KongLine.connect(server.socketPath)
      expect(await line.begin(await line.start('pass'))).toMatchObject({ Data: 'ret' })
      await line.close()
    },
  },
  {
    wire: 'protobuf',
    question: framed(
      writeMessage('RpcCall', { startInstance: { name: 'faults', config: `{"mode":"${name}"}` } }),
    ),
    async callOf(server) {
      const line = await ProtobufLine.connect(server.socketPath)
      expect((await line.run(await line.start('pass'))).end).toBe('ret')
      await line.close()
    },
  },
]

describe.each(WIRES)('on the $wire wire', ({ wire, question, callOf }) => {
  const folder = temporaryFolder()
  const bundle = bundleServer(folder.path)
  let server: ServerProcess
  const peers: Socket[] = []

  beforeAll(async () => {
    const flags = ['--wire', wire, '--phase-timeout-ms', PHASE_MS]
    server = await ServerProcess.start(bundle, folder.path, 'faults', flags)
    await callOf(server)
  })
  afterAll(async () => {
    await server.stop()
    folder.remove()
  })
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.destroy()
    await callOf(server)
    await server.eventsBecome(0)
  })

  async function peer(): Promise<Socket> {
    for (;;) {
      const socket = connect(server.socketPath).on('error', () => {})
      peers.push(socket)
      const connected = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'close').then(() => false),
      ])
      if (connected) return socket
      // The kernel's queue of connections is full.
      await sleep(10)
    }
  }

  test('a peer that opens a frame and stops is cut, and what has come of it is given back', async () => {
    const before = server.residentBytes
    const openers = await Promise.all(Array.from({ length: 100 }, peer))
    const cut = openers.map((socket) => once(socket.resume(), 'close'))
    for (const socket of openers) socket.write(question.subarray(0, -1))
    await callOf(server)
    await Promise.all(cut)
    expect(server.output).toContain('a frame did not become whole in time')
    await callOf(server)
    expect(server.residentBytes - before).toBeLessThan(100 * MIB)
  })

  test('a peer that sends a byte now and then is cut as well', async () => {
    const socket = await peer()
    let at = 0
    const drip = setInterval(() => socket.write(question.subarray(at, ++at)), 20)
    await once(socket.resume(), 'close')
    clearInterval(drip)
    expect(at).toBeLessThan(question.length)
  })

  test('a frame that takes its time and becomes whole is answered', async () => {
    const socket = await peer()
    for (let at = 0; at < 10; at++) {
      const size = Math.ceil(question.length / 10)
      socket.write(question.subarray(at * size, (at + 1) * size))
      await sleep(20)
    }
    const [answer] = await once(socket, 'data')
    expect((answer as Buffer).length).toBeGreaterThan(0)
    // Time goes by that is nobody's.
    await sleep(2 * Number(PHASE_MS))
    expect(socket.destroyed).toBe(false)
  })

  test('a thousand peers that say nothing are in nobody’s way', async () => {
    const before = server.residentBytes
    for (let wave = 0; wave < 10; wave++) await Promise.all(Array.from({ length: 100 }, peer))
    for (let at = 0; at < 20; at++) await callOf(server)
    expect(peers.filter(({ destroyed }) => !destroyed).length).toBeGreaterThanOrEqual(1000)
    expect(server.residentBytes - before).toBeLessThan(50 * MIB)
  })

  test('peers that never read are in nobody’s way', async () => {
    const before = server.residentBytes
    const deaf = await Promise.all(Array.from({ length: 50 }, peer))
    for (const socket of deaf) {
      socket.pause()
      for (let at = 0; at < 5; at++) socket.write(question)
    }
    for (let at = 0; at < 20; at++) await callOf(server)
    expect(server.residentBytes - before).toBeLessThan(150 * MIB)
  })
})
