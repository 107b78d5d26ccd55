import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freshToken } from '../../testkit/fresh-token.ts'
import { type Route, routes } from '../gateway/routes.ts'
import { startStacks, startUpstream } from '../gateway/stacks.ts'

const { values } = parseArgs({
  options: {
    gateway: { type: 'string' },
    /** Where a gateway elsewhere sends calls, and this command answers. */
    upstream: { type: 'string', default: 'http://127.0.0.1:18080' },
    k6: { type: 'string', default: 'k6' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    raw: { type: 'string', default: '/no-plugin' },
    path: { type: 'string', default: '/memory' },
  },
})
const [rate, seconds] = [Number(values.rate), Number(values.seconds)]
if (!(rate >= 1 && seconds >= 5))
  throw new TypeError('expected --rate 1 or more, --seconds 5 or more')

const ROUNDS = 5
const folder = mkdtempSync(join(tmpdir(), 'oathmesh-k6-'))
const all = routes({ redis: {}, auditFile: '' }).filter(({ name }) =>
  ['no plugin', 'memory'].includes(name),
)
const upstream =
  values.gateway === undefined
    ? undefined
    : await startUpstream(Number(new URL(values.upstream).port))
const stacks = values.gateway === undefined ? await startStacks(all) : undefined
try {
  const memory = all.find(({ path }) => path === '/memory')
  const [plain] = all
  if (memory === undefined || plain === undefined) throw new Error('no routes')
  // Tokens of the second in which a memory store began may have been used before.
  await new Promise((settled) => setTimeout(settled, 1500))
  const tokens = join(folder, 'tokens.json')
  const each = Math.ceil((rate * seconds) / ROUNDS) * 1.2 + rate
  const count = Math.ceil(each) * (ROUNDS + 1)
  writeFileSync(
    tokens,
    JSON.stringify(
      Array.from({ length: count }, () => freshToken({ exp: Math.floor(Date.now() / 1000) + 290 })),
    ),
  )
  mkdirSync('bench/results', { recursive: true })
  const url = (route: Route, path: string) =>
    values.gateway === undefined ? `${stacks?.urlOf(route)}${route.path}` : values.gateway + path
  const env = {
    RAW_URL: url(plain, values.raw),
    VERIFIED_URL: url(memory, values.path),
    TOKENS: tokens,
    RATE: values.rate,
    SECONDS: values.seconds,
    ROUNDS: String(ROUNDS),
    JSON: 'bench/results/k6.json',
  }
  process.exitCode = await k6(env)
} finally {
  await stacks?.stop()
  await upstream?.stop()
  rmSync(folder, { recursive: true })
}

function k6(env: Readonly<Record<string, string>>): Promise<number> {
  const flags = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  return new Promise((ended, failed) => {
    const child = spawn(values.k6, ['run', '--quiet', ...flags, 'bench/k6/overhead.js'], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, K6_NO_USAGE_REPORT: 'true' },
    })
    child.once('error', (cause) =>
      failed(
        new Error(`${values.k6} cannot be started (go install go.k6.io/k6@latest, or --k6 PATH)`, {
          cause,
        }),
      ),
    )
    child.once('close', (code) => ended(code ?? 1))
  })
}
