import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { readAuditLine } from '../../../cli/audit/read-audit-line.ts'
import { tailLine } from '../../../cli/audit/tail/tail-line.ts'
import type { AuditEvent } from '../../../lib/audit/event.ts'
import { until } from '../../../testkit/redis-server.ts'
import { auditLine, kongLine, PLUGIN } from './lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-tail-'))
const bin = join(folder, 'oathmesh')
const file = join(folder, 'audit.log')
let tail: ChildProcess | undefined
let shown = ''
let said = ''

beforeAll(() => {
  buildSync({
    entryPoints: ['cli/main.ts'],
    outfile: bin,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  })
  chmodSync(bin, 0o755)
})
afterEach(() => tail?.kill('SIGKILL'))
afterAll(() => rmSync(folder, { recursive: true }))

const line = (jti: string, members = {}) => `${auditLine({ jti, ...members })}\n`
const ids = () => [...shown.matchAll(/"jti":"([^"]+)"/g)].map(([, jti]) => jti)
const become = (...expected: string[]) =>
  until(() => JSON.stringify(ids()) === JSON.stringify(expected), 15_000)

function start(...args: readonly string[]): ChildProcess {
  shown = ''
  said = ''
  const child = spawn(bin, ['audit', 'tail', ...args, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.on('data', (text) => (shown += text))
  child.stderr.on('data', (text) => (said += text))
  tail = child
  return child
}

describe('oathmesh audit tail', () => {
  test('follows a file as it grows, is rotated, is away and is cut', async () => {
    writeFileSync(file, line('old') + line('older') + line('newest'))
    start('--json', '--lines', '2')
    await become('older', 'newest')
    // A line that comes in two writes is one line.
    const split = line('split')
    appendFileSync(file, split.slice(0, 40))
    appendFileSync(file, split.slice(40))
    await become('older', 'newest', 'split')
    renameSync(file, `${file}.1`)
    await until(() => said.includes('has gone'), 15_000)
    // Whoever still has the old file open writes to it until it is told.
    appendFileSync(`${file}.1`, line('late'))
    await become('older', 'newest', 'split', 'late')
    writeFileSync(file, line('fresh'))
    await become('older', 'newest', 'split', 'late', 'fresh')
    truncateSync(file)
    await until(() => said.includes('has been cut'), 15_000)
    appendFileSync(file, line('after'))
    await become('older', 'newest', 'split', 'late', 'fresh', 'after')
    const ended = new Promise((resolve) => tail?.once('exit', resolve))
    tail?.kill('SIGINT')
    expect(await ended).toBe(0)
  })

  test('takes the filters of audit, and shows all since a time', async () => {
    const now = new Date().toISOString()
    const old = new Date(Date.now() - 7_200_000).toISOString()
    const fits = { ts: now, step: 13, sub: 'agent://ci/bot' }
    const many = Array.from({ length: 12 }, (_, at) => line(`n${at}`, fits))
    writeFileSync(
      file,
      [
        line('old', { ...fits, ts: old }),
        line('other', { ...fits, sub: 'svc://x' }),
        line('step', { ...fits, step: 8 }),
        ...many,
      ].join(''),
    )
    start('--json', '--step', '13', '--sub', 'agent://ci/*', '--since', '1h')
    await become(...many.map((_, at) => `n${at}`))
    appendFileSync(file, `${kongLine(PLUGIN + auditLine({ ...fits, jti: 'kong' }))}\n`)
    await become(...many.map((_, at) => `n${at}`), 'kong')
  })

  test('ends when nobody reads any more', async () => {
    writeFileSync(file, line('one'))
    const child = start('--json')
    await become('one')
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.stdout?.destroy()
    const writing = setInterval(() => appendFileSync(file, line('more')), 50)
    await ended
    clearInterval(writing)
  })
})

describe('a line of tail', () => {
  const textOf = (members: AuditEvent, color = false) => {
    const record = readAuditLine(auditLine(members))
    if (typeof record === 'string') throw new TypeError(record)
    return tailLine(record, color)
  }

  test('says when, what, why, who, what for, from where and how long', () => {
    const request = { act: 'a.b', method: 'GET', path: '/v1', route: 'items', src_ip: '10.0.0.1' }
    expect(textOf(request)).toBe(
      '03:09:03.000  deny   13  jti_replay              agent://ci/bot                a.b  GET /v1 (items)  10.0.0.1  628 µs\n',
    )
    const allow = { event: 'allow', step: 14, reason: undefined, rule: 'ci', degraded: true }
    expect(textOf(allow)).toMatch(/allow {2}14 {2}ci .* 628 µs {2}degraded\n$/)
    expect(textOf({ verified: false, enforced: false })).toMatch(/\(unverified\).*passed\n$/)
  })

  test('is coloured on a terminal alone, and nothing in it acts on one', () => {
    expect(textOf({}, true)).toContain('\u001b[31mdeny \u001b[0m')
    const evil = textOf({ sub: '\u001b[2J\u202e', act: '\u0007' })
    for (const active of ['\u001b', '\u202e', '\u0007']) expect(evil).not.toContain(active)
  })
})
