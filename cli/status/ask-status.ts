import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import type { StatusReport } from '../../lib/status/report.ts'
import { statusPath } from '../../lib/status/status-socket.ts'

/** Far more than a report has. */
const MAX_BYTES = 4 << 20
/** `[0, 1, "plugin.GetStatus", []]` in MessagePack, which every plugin server answers. */
const GET_STATUS = Buffer.concat([
  Buffer.from([0x94, 0, 1, 0xa0 + 'plugin.GetStatus'.length]),
  Buffer.from('plugin.GetStatus'),
  Buffer.from([0x90]),
])

/** What came of asking. `unknown`: a server answers that does not say how it goes. `away`: none answers. */
export type Asked =
  | { readonly as: 'report'; readonly report: StatusReport }
  | { readonly as: 'unknown'; readonly detail: string }
  | { readonly as: 'away'; readonly detail: string }

/** Asks the server at the socket, or at `socket` with `.status`; no question waits longer than `timeoutMs`. Never rejects. */
export async function askStatus(socket: string, timeoutMs: number): Promise<Asked> {
  const path = statusPath(socket)
  const answer = await exchange(path, timeoutMs)
  if (answer.got === 'end') return readReport(path, answer.bytes)
  if (answer.got === 'fault') return { as: 'away', detail: `${path}: ${answer.detail}` }
  // An earlier version, the stock server, or ours while it starts or ends.
  const old = await exchange(socket, timeoutMs, GET_STATUS)
  if (old.got === 'data') {
    const detail = `${socket}: a plugin server answers, but has no ${path}: it is an earlier version, or another server`
    return { as: 'unknown', detail }
  }
  const detail = old.got === 'end' ? 'closes the connection without an answer' : old.detail
  return { as: 'away', detail: `${socket}: ${detail}` }
}

type Answer =
  | { readonly got: 'end'; readonly bytes: Buffer }
  | { readonly got: 'data' }
  | { readonly got: 'nobody' | 'fault'; readonly detail: string }

/** Reads to the end; with a question, to the first bytes of its answer. */
function exchange(path: string, timeoutMs: number, question?: Buffer): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const socket = connect(path)
    const settle = (answer: Answer) => {
      clearTimeout(late)
      socket.destroy()
      resolve(answer)
    }
    const late = setTimeout(() => {
      const detail = `somebody listens and gives no answer within ${timeoutMs} ms: the process is frozen or overloaded`
      settle({ got: 'fault', detail })
    }, timeoutMs)
    if (question !== undefined) socket.write(question)
    socket.on('data', (chunk: Buffer) => {
      if (question !== undefined) settle({ got: 'data' })
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_BYTES) settle({ got: 'fault', detail: 'the answer is no status' })
    })
    socket.on('end', () => settle({ got: 'end', bytes: Buffer.concat(chunks) }))
    socket.on('error', (fault: NodeJS.ErrnoException) => settle(faultOf(path, fault)))
  })
}

function faultOf(path: string, { code, message }: NodeJS.ErrnoException): Answer {
  if (code === 'ENOENT') return { got: 'nobody', detail: 'there is no such socket' }
  if (code === 'ECONNREFUSED') {
    const detail = existsSync(path)
      ? 'nobody listens any more: the process that made it has ended'
      : 'there is no such socket'
    return { got: 'nobody', detail }
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const detail = `may not be opened (${code}): run this as the user of the server`
    return { got: 'fault', detail }
  }
  return { got: 'fault', detail: message }
}

function readReport(path: string, bytes: Buffer): Asked {
  try {
    const report = JSON.parse(bytes.toString('utf8')) as Partial<StatusReport> | null
    if (report?.format === 1) return { as: 'report', report: report as StatusReport }
  } catch {
    // The same as a document of another kind.
  }
  return { as: 'unknown', detail: `${path}: the answer is no status that this version can read` }
}
