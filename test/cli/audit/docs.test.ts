import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { auditLine, kongLine, PLUGIN } from './lines.ts'

const page = readFileSync(resolve('docs/audit.md'), 'utf8').split('\n## Reading it\n')[1] ?? ''
const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '')
const commands = blocks.flatMap((block) => block.split('\n').filter((line) => line !== ''))
/** Each example has a line to show: of now, since some of them look at the last minutes. */
const LINES = [
  auditLine({ src_ip: '10.0.4.99', jti: '550e8400-e29b-41d4-a716-446655440000' }),
  auditLine({ ts: new Date(Date.now() - 60_000).toISOString() }),
  auditLine({ event: 'allow', step: 14, reason: undefined, enforced: undefined, route: 'orders' }),
  auditLine({ step: 14, reason: 'policy:no-writes', route: 'orders' }),
  auditLine({ ts: new Date(Date.now() - 60_000).toISOString(), enforced: false }),
]
const GATE = 'not_enforced == 0'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-docs-'))
const bin = join(folder, 'oathmesh')

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
  const log = LINES.map((line) => `${kongLine(PLUGIN + line)}\n`)
  writeFileSync(join(folder, 'error.log'), log.join(''))
})
afterAll(() => rmSync(folder, { recursive: true }))

function sh(command: string): { stdout: string; stderr: string; status: number | null } {
  const PATH = `${folder}:${process.env['PATH']}`
  const script = `set -o pipefail; ${command}`
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH } } as const
  return spawnSync('bash', ['-c', script], options)
}

// Like the shell, jq is what the reader has; where it is missing, its examples cannot be run.
const withJq = sh('jq --version').status === 0
const runnable = commands.filter((command) => withJq || !command.includes('| jq'))

describe('docs/audit.md, reading it', () => {
  test('has examples', () => {
    expect(commands.length).toBeGreaterThan(8)
  })

  test.each(runnable.filter((command) => !command.includes(GATE)))('%s', (command) => {
    const { stdout, stderr, status } = sh(command)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(stdout).not.toMatch(/^(\[\]|no decision)?\s*$/)
  })

  test.each(runnable.filter((command) => command.includes(GATE)))('%s', (command) => {
    expect(sh(command)).toMatchObject({ stdout: 'false\n', stderr: '', status: 1 })
    writeFileSync(join(folder, 'ready.log'), `${auditLine()}\n`)
    expect(sh(command.replace('error.log', 'ready.log')).status).toBe(0)
  })

  test('gives what jq reads, whichever sink', () => {
    writeFileSync(join(folder, 'audit.log'), `${LINES.join('\n')}\n`)
    expect(sh('oathmesh audit error.log')).toMatchObject({ stdout: `${LINES.join('\n')}\n` })
    expect(sh('oathmesh audit audit.log').stdout).toBe(sh('oathmesh audit error.log').stdout)
  })

  test('stops quietly when nobody reads on', () => {
    const many = `for i in $(seq 200); do cat error.log error.log error.log error.log; done > many.log`
    sh(many)
    expect(sh('oathmesh audit many.log | head -n 1')).toMatchObject({
      stdout: `${LINES[0]}\n`,
      stderr: '',
    })
  })
})
