import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { freshToken } from '../../testkit/fresh-token.ts'

const run = promisify(execFile)
const TICKS_PER_SECOND = 100

export interface Round {
  /** Calls that were answered with 200. */
  readonly perSecond: number
  /** Others: on a machine that stands still for half a second, the service takes Checks for late ones. */
  readonly refused: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Microseconds of processor time for one request, of each process asked about. */
  readonly cpu: readonly number[]
}

export interface LoadOptions {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** Tokens to mint, each for one call: more than can be used. */
  readonly tokens: number
  /** Processes whose processor time is measured. */
  readonly pids: readonly number[]
  readonly folder: string
}

/** Calls with a token of its own each, by wrk. Throws when most of them were refused. */
export async function load({
  url,
  connections,
  seconds,
  pids,
  folder,
  tokens: count,
}: LoadOptions): Promise<Round> {
  const file = join(folder, 'tokens')
  const tokens = Array.from({ length: count }, () => freshToken({ jti: randomUUID() }))
  writeFileSync(file, tokens.join('\n'))
  const before = pids.map(cpuSeconds)
  const { stdout } = await run(
    'wrk',
    ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', resolve('bench/envoy/bearing.lua'), url],
    { env: { ...process.env, TOKENS: file } },
  )
  const after = pids.map(cpuSeconds)
  const figures = /figures (\d+) (\d+) (\d+) (\d+)/.exec(stdout)
  if (figures === null) throw new Error(`wrk said: ${stdout}`)
  const [requests = 0, failed = 0, p50 = 0, p99 = 0] = figures.slice(1).map(Number)
  if (failed > requests / 2) throw new Error(`${failed} of ${requests} calls were refused`)
  return {
    perSecond: (requests - failed) / seconds,
    refused: failed,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    cpu: after.map((value, at) => ((value - (before[at] ?? 0)) / requests) * 1_000_000),
  }
}

/** User and system time of a process. */
function cpuSeconds(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = rest.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
