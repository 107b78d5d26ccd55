import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askStatus } from '../../../cli/status/ask-status.ts'

const folder = mkdtempSync(join(tmpdir(), 'om-ask-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LATE = /gives no answer within 300 ms/
let sockets = 0

test.each<readonly [string, (socket: Socket) => void, RegExp]>([
  ['says nothing', () => {}, LATE],
  ['stops within its answer', (socket) => socket.write('{"format":1'), LATE],
  [
    'answers by the byte',
    (socket) => {
      const drip = setInterval(() => socket.write(' '), 20)
      socket.once('close', () => clearInterval(drip))
    },
    LATE,
  ],
  [
    'answers without end',
    (socket) => {
      const feed = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x20)));
      }
      socket.on('drain', feed)
      feed()
    },
    /the answer is no status/,
  ],
])('a server that %s is not waited for', async (_, behave, detail) => {
  const path = join(folder, `${++sockets}.sock`)
  const peers: Socket[] = []
  const server = createServer((socket) => {
    peers.push(socket.on('error', () => {}).resume())
    behave(socket)
  }).listen(`${path}.status`)
  await once(server, 'listening')
  // Without end, somebody may well need longer than the others are given.
  const timeoutMs = detail === LATE ? 300 : 30_000
  const asked = await askStatus(path, timeoutMs)
  expect(asked).toMatchObject({ as: 'away', detail: expect.stringMatching(detail) })
  for (const socket of peers) socket.destroy()
  server.close()
})
