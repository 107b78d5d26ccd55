import { parseArgs } from 'node:util'
import { walk } from './walk.ts'

const USAGE = `usage: npm run walk -- [--seconds N] [--calls N] [--callers N] [--seed N] [--quiet]
Breaks one thing after another under load for N seconds, by default 180, and holds what reached the upstream against
an oracle that knows every token. --calls ends it sooner: 1 000 000 is the long form, with --seconds 7200.
Prints its counts as JSON. Ends with 1 where a call passed that must not, or where the plugin server holds a fifth more
memory in the last third of its life than in the first; a life of less than five minutes says nothing of it.`

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '180' },
      calls: { type: 'string' },
      callers: { type: 'string' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)]
  if (values.help || !(seconds > 0)) {
    process.stderr.write(`${USAGE}\n`)
    return values.help ? 0 : 2
  }
  const { calls, callers } = values
  const report = await walk({
    seconds,
    seed,
    ...(calls !== undefined && { calls: Number(calls) }),
    ...(callers !== undefined && { callers: Number(callers) }),
    ...(!values.quiet && { progress: (line) => process.stderr.write(`${line}\n`) }),
  })
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  return report.violations.length === 0 && report.memory.flat !== 'no' ? 0 : 1
}
