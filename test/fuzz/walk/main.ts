import { parseArgs } from 'node:util'
import { walk } from './walk.ts'

const USAGE = `usage: npm run walk -- [--seconds N] [--calls N] [--seed N] [--quiet]
Breaks one thing after another under load for N seconds, by default 180, and holds what reached the upstream against
an oracle that knows every token. --calls ends it sooner: 1 000 000 is the long form, with --seconds 7200.
Prints its counts as JSON. Ends with 1 where a call passed that must not.`

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '180' },
      calls: { type: 'string' },
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
  const { rssKib, ...report } = await walk({
    seconds,
    seed,
    ...(values.calls !== undefined && { calls: Number(values.calls) }),
    ...(!values.quiet && { progress: (line) => process.stderr.write(`${line}\n`) }),
  })
  const [third, kib] = [Math.ceil(rssKib.length / 3), (at: number) => median(rssKib.slice(at))]
  const memory = { firstThirdKib: median(rssKib.slice(0, third)), lastThirdKib: kib(-third) }
  process.stdout.write(`${JSON.stringify({ ...report, memory }, null, 2)}\n`)
  return report.violations.length === 0 ? 0 : 1
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
