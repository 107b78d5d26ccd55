import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askStatus } from '../../cli/status/ask-status.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { until } from '../../testkit/redis-server.ts'
import { residentKib } from '../../testkit/resident-kib.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

/** As fast as this machine makes them, with lines as long as lines are: half again what may wait. */
const CALLS = 2400
const PATH = `/items/${'x'.repeat(280)}`
const LANES = 32
/** What a pipe holds of its own, and what a sink holds beside it. */
const HELD_BYTES = 65_536 + (1 << 20)

afterAll(closeHttpCalls)

const residentBytes = (pid: number | undefined) => residentKib(pid) * 1024

/** Everything that waits in a pipe, until it has been empty for a while. */
async function drained(pipe: string, lines: number): Promise<string[]> {
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  const chunk = Buffer.alloc(65_536)
  let text = ''
  await until(() => {
    try {
      text += chunk.toString('utf8', 0, readSync(reader, chunk))
    } catch {
      // Nothing at the moment.
    }
    return text.split('\n').length > lines
  }, 20_000)
  closeSync(reader)
  return text.trim().split('\n')
}

test('a pipe that nobody reads keeps no call waiting, and what is lost is counted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-slow-'))
  const pipe = join(folder, 'audit.pipe')
  execFileSync('mkfifo', [pipe])
  const audit = { sink: 'file', file: pipe, context: 'full' }
  const stack = await startOnLoopback({
    entities: serviceWith({ '/items': { ...BASE_CONFIG, deadline_ms: 10_000, audit } }),
  })
  const socket = join(stack.prefix, 'js_pluginserver.sock')
  try {
    const call = async (headers: readonly string[]) =>
      (await httpCall(stack.url, { path: PATH, headers: [...headers] })).status
    // Tokens of the second in which the server began may have been used before it did.
    await until(
      async () => (await call(['Authorization', `OathMesh ${freshToken()}`])) === 200,
      5000,
    )
    const before = residentBytes(stack.pluginServer.pid)
    const counts: Record<number, number> = {}
    const beganAt = performance.now()
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      for (let at = lane; at < CALLS; at += LANES) {
        const valid = at % 10 === 0
        const status = await call(valid ? ['Authorization', `OathMesh ${freshToken()}`] : [])
        counts[status] = (counts[status] ?? 0) + 1
      }
    })
    await Promise.all(lanes)
    const seconds = (performance.now() - beganAt) / 1000
    expect(counts).toEqual({ 200: CALLS / 10, 401: CALLS - CALLS / 10 })
    const asked = await askStatus(socket, 5000)
    if (asked.as !== 'report') throw new Error(asked.detail)
    const [sink] = asked.report.audit
    const { written = 0, dropped = 0, waiting = 0 } = sink ?? {}
    const grown = residentBytes(stack.pluginServer.pid) - before
    process.stdout.write(
      `${CALLS} calls in ${seconds.toFixed(1)} s, nobody reads: ${JSON.stringify({ written, waiting, dropped, grown })}\n`,
    )
    expect(asked.report.findings.map(({ what }) => what)).toEqual(['audit_failing'])
    expect(dropped).toBeGreaterThan(0)
    expect(written + waiting + dropped).toBeGreaterThanOrEqual(CALLS + 1)
    await stack.logged(/audit line not written/)
    // Whoever reads at last gets whole lines, and they hold no more than what may be held.
    const lines = await drained(pipe, written + waiting)
    for (const line of lines) JSON.parse(line)
    expect(lines).toHaveLength(written + waiting)
    expect(Buffer.byteLength(lines.join('\n'))).toBeLessThanOrEqual(HELD_BYTES)
  } finally {
    await stack.stop()
    rmSync(folder, { recursive: true })
  }
})
