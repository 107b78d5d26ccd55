import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenSink, openSink } from '../../../lib/audit/sinks/open-sink.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { monotonic } from '../../../lib/ports/stopwatch.ts'
import { until } from '../../../testkit/redis-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-sink-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LINE = 'x'.repeat(999)
let names = 0
let sink: OpenSink
afterEach(() => sink.close())

const open = (path: string, log = silentLog) => openSink({ path, log, stopwatch: monotonic })

function fifo(): string {
  const path = join(folder, `pipe-${++names}`)
  execFileSync('mkfifo', [path])
  return path
}

/** Takes what there is, until `lines` have come. */
async function readLines(path: string, lines: number): Promise<string[]> {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const chunk = Buffer.alloc(65_536)
  let text = ''
  await until(() => {
    try {
      text += chunk.toString('utf8', 0, readSync(reader, chunk))
    } catch {
      // Nothing there at the moment.
    }
    return text.split('\n').length > lines
  }, 5000)
  closeSync(reader)
  return text.trim().split('\n')
}

describe('a pipe that nobody reads', () => {
  test('does not keep a writer waiting, and holds no more than a MiB of lines', () => {
    const error = jest.fn()
    sink = open(fifo(), { ...silentLog, error })
    for (let line = 0; line < 3000; line++) sink.write(LINE)
    const { written, waiting, dropped, cause } = sink.status
    // What the pipe itself holds is 64 KiB, and what waits for it 1 MiB.
    expect(written).toBe(64)
    expect(waiting).toBe(1048)
    expect(written + waiting + dropped).toBe(3000)
    expect(cause).toBe('the reader is too slow: 1 MiB of lines wait for it')
    expect(error).toHaveBeenCalledTimes(1)
  })

  test('gives its reader every line that was not lost, whole and in order', async () => {
    const path = fifo()
    sink = open(path)
    for (let line = 0; line < 1500; line++) sink.write(`${line}`.padEnd(999, '.'))
    const { waiting, written, dropped } = sink.status
    const lines = await readLines(path, waiting + written)
    expect(lines.map(Number.parseFloat)).toEqual(
      Array.from({ length: 1500 - dropped }, (_, at) => at),
    )
    expect(sink.status).toMatchObject({ waiting: 0, dropped })
    expect(sink.status).not.toHaveProperty('cause')
  })
})

describe('a unix socket', () => {
  let server: Server | undefined
  let peers: Socket[] = []
  let received = ''
  afterEach(() => {
    for (const peer of peers) peer.destroy()
    peers = []
    received = ''
    server?.close()
  })

  const listen = (path: string, onPeer: (peer: Socket) => void) =>
    new Promise<void>((listening) => {
      server = createServer((peer) => {
        peers.push(peer)
        onPeer(peer)
      }).listen(path, listening)
    })
  const hear = (peer: Socket) => peer.on('data', (bytes) => (received += bytes))

  test('gets the lines, also those of before somebody listens again', async () => {
    const path = join(folder, 'reader.sock')
    await listen(path, hear)
    sink = open(path)
    sink.write('one')
    await until(() => received === 'one\n', 5000)
    for (const peer of peers) peer.destroy()
    await new Promise((closed) => server?.close(closed))
    await until(() => sink.status.cause !== undefined, 5000)
    sink.write('two')
    await listen(path, hear)
    await until(() => received === 'one\ntwo\n', 5000)
    await until(() => sink.status.written === 2, 5000)
    expect(sink.status).toMatchObject({ dropped: 0, waiting: 0 })
  })

  test('that is not read holds no more than a MiB of lines, and the rest is lost', async () => {
    const path = join(folder, 'idle.sock')
    await listen(path, (peer) => peer.pause())
    sink = open(path)
    await until(() => peers.length === 1, 5000)
    for (let line = 0; line < 4000; line++) sink.write(LINE)
    const { waiting, dropped } = sink.status
    expect(waiting).toBeLessThan(1400)
    expect(dropped).toBeGreaterThan(2000)
  })
})
