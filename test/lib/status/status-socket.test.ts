import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StatusReport } from '../../../lib/status/report.ts'
import { StatusSocket } from '../../../lib/status/status-socket.ts'
import { until } from '../../../testkit/redis-server.ts'

/** More than the kernel takes for somebody who does not read. */
const REPORT = { format: 1, padding: 'x'.repeat(2_000_000) } as unknown as StatusReport
const MAX_CONNECTIONS = 16

const folder = mkdtempSync(join(tmpdir(), 'om-status-'))
const path = join(folder, 'a.status')
let status: StatusSocket
beforeAll(async () => {
  status = await StatusSocket.open(path, async () => REPORT)
})
afterAll(() => {
  status.close()
  rmSync(folder, { recursive: true })
})

const open = () => connect(path).on('error', () => {})

async function read(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'close')
  return text
}

test('a report goes whole to whoever reads it, and nothing is read of what they say', async () => {
  const socket = open()
  socket.write('GET / HTTP/1.1\r\n\r\n')
  expect(JSON.parse(await read(socket))).toEqual(REPORT)
})

test('peers that do not read are cut after seconds, and surplus ones at once', async () => {
  const deaf = Array.from({ length: MAX_CONNECTIONS }, () => open().pause())
  await Promise.all(deaf.map((socket) => once(socket, 'connect')))
  expect(await read(open())).toBe('')
  // Their places are free again before any of them has read.
  await until(async () => (await read(open())) !== '', 20_000)
  for (const socket of deaf) expect(socket.bytesRead).toBeLessThan(1_000_000)
  for (const socket of deaf) socket.destroy()
})
