import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome, Row } from './row.ts'

const ENVIRONMENT = join(__dirname, 'environment.lua')
const FUNCTIONS = join(__dirname, '../../../kong/guard')

/** Runs the rows through the Lua functions in one Lua 5.1 process. `log` is what Kong would log. */
export function luaOutcomes(rows: readonly Row[]): readonly (Outcome & { readonly log: string })[] {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-guard-'))
  try {
    const file = join(folder, 'rows.lua')
    writeFileSync(
      file,
      `return ${toLua(rows.map(({ context, ...row }) => ({ ...context, ...row })))}`,
    )
    const output = execFileSync('lua5.1', [ENVIRONMENT, FUNCTIONS, file], { encoding: 'utf8' })
    return output.trimEnd().split('\n').map(readOutcome)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function readOutcome(line: string) {
  const [status = '', upstream = '', error = '', message = '', fix = '', ...rest] = line.split('\t')
  const [retryAfter = '', cacheControl = '', log = ''] = rest
  const outcome = status === 'pass' ? status : Number(status)
  return { outcome, upstream, error, message, fix, retryAfter, cacheControl, log } as const
}

function toLua(value: unknown): string {
  if (value === null || value === undefined) return 'nil'
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value === 'string') return `"${value.replaceAll(/[\\"]/g, '\\$&')}"`
  if (Array.isArray(value)) return `{ ${value.map(toLua).join(', ')} }`
  const members = Object.entries(value).map(([key, member]) => `[${toLua(key)}] = ${toLua(member)}`)
  return `{ ${members.join(', ')} }`
}
