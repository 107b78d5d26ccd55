import { inspect, parseArgs } from 'node:util'
import type { FuzzTarget } from './fuzz-target.ts'
import { type FuzzLimits, type FuzzReport, keep, runTarget } from './run-target.ts'
import { TARGETS } from './targets/index.ts'

const USAGE = `usage: npm run fuzz -- [--only NAME]... [--runs N | --seconds N] [--seed N] [--json]
Runs every reader of what strangers send over N mutations of known inputs, by default 20 000 each, or for N
seconds each, one target after the other. An input that breaks one is made small and kept in test/fuzz/corpus, where the tests find it.
NAME is one of ${TARGETS.map(({ name }) => name).join(', ')}.
Ends with 1 where something was found.`

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { only, json, help } = values
  const [seed, seconds] = [numberOf(values.seed), numberOf(values.seconds)]
  const runs = numberOf(values.runs) ?? (seconds === undefined ? 20_000 : Number.MAX_SAFE_INTEGER)
  const limits = { runs, seconds, seed }
  const known = only.every((name) => TARGETS.some((target) => target.name === name))
  if (help || !known || !(runs >= 1) || Number.isNaN(seconds)) {
    process.stderr.write(`${USAGE}\n`)
    return help ? 0 : 2
  }
  const chosen = TARGETS.filter(({ name }) => only.length === 0 || only.includes(name))
  const reports: FuzzReport[] = []
  for (const target of chosen) reports.push(await fuzz(target, limits, json))
  const executions = reports.reduce((sum, report) => sum + report.executions, 0)
  const found = reports.filter(({ finding }) => finding !== undefined).length
  if (json) process.stdout.write(`${JSON.stringify({ executions, found, reports })}\n`)
  else process.stdout.write(`${executions} executions, ${found} findings\n`)
  return found === 0 ? 0 : 1
}

function numberOf(option: string | undefined): number | undefined {
  return option === undefined ? undefined : Number(option)
}

/** Says how one target went as soon as it is known, and keeps what was found. */
async function fuzz(target: FuzzTarget, limits: FuzzLimits, quiet: boolean): Promise<FuzzReport> {
  const report = await runTarget(target, limits)
  if (!quiet) process.stdout.write(`${lineOf(report)}\n`)
  if (report.finding !== undefined) {
    const { input, cause } = report.finding
    process.stderr.write(`${inspect(cause)}\nkept in ${keep(target, input)}\n`)
  }
  return report
}

function lineOf({ target, executions, seed, seconds, finding }: FuzzReport): string {
  const rate = `${Math.round(executions / Math.max(seconds, 0.001))}/s`
  const state = finding === undefined ? 'ok   ' : 'FOUND'
  return `${state}  ${target.padEnd(18)}  ${String(executions).padStart(9)}  ${rate.padStart(9)}  seed ${seed}`
}
