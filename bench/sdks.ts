import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { measureOneByOne } from './core/one-by-one.ts'
import { median } from './shared/statistics.ts'

const run = promisify(execFile)
const CALLS = 2000

/** Medians in microseconds: one signature alone, and a whole verification of a token that nobody has seen. */
interface Figures {
  readonly signature: number
  readonly verification: number
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } })
const rounds = Number(values.rounds)
if (!(rounds >= 1)) throw new TypeError('--rounds n')

const SDKS: Readonly<Record<string, () => Promise<Figures>>> = {
  'Node.js': byNode,
  Go: byGo,
  Python: byPython,
}
const measured = new Map(Object.keys(SDKS).map((name) => [name, [] as Figures[]]))
for (let round = 1; round <= rounds; round++) {
  for (const [name, measure] of Object.entries(SDKS)) {
    process.stderr.write(`round ${round} of ${rounds}: ${name}\n`)
    measured.get(name)?.push(await measure())
  }
}

process.stdout.write('A verification in µs: memory store, ten rules, one thread. Medians.\n\n')
process.stdout.write(
  '| | one signature | whole verification | overhead | ratio |\n|---|---|---|---|---|\n',
)
for (const [name, figures] of measured) {
  const signature = median(figures.map((one) => one.signature))
  const verification = median(figures.map((one) => one.verification))
  const overhead = median(figures.map((one) => one.verification - one.signature))
  const ratio = median(figures.map((one) => one.verification / one.signature))
  const cells = [signature, verification, overhead].map((value) => value.toFixed(0))
  process.stdout.write(`| ${name} | ${cells.join(' | ')} | × ${ratio.toFixed(2)} |\n`)
}

async function byNode(): Promise<Figures> {
  const { bareMedianMicroseconds, pipelineMedianMicroseconds } = await measureOneByOne()
  return { signature: bareMedianMicroseconds, verification: pipelineMedianMicroseconds }
}

async function byGo(): Promise<Figures> {
  const { stdout } = await run(
    'go',
    // biome-ignore format: one option a line
    ['test', '-run', '^$', '-bench', '^BenchmarkVerify$/^(signature|memory)$',
      '-benchtime', `${CALLS}x`, '-cpu', '1', '.'],
    { cwd: 'sdk/go' },
  )
  const of = (name: string) => figureIn(stdout, new RegExp(`/${name}\\s.*?([\\d.]+) p50-ns`))
  return { signature: of('signature') / 1000, verification: of('memory') / 1000 }
}

async function byPython(): Promise<Figures> {
  const command = ['python.sh', 'bench/verify.py', String(CALLS)]
  const { stdout } = await run('sh', command, { cwd: 'sdk/python' })
  const of = (name: string) => figureIn(stdout, new RegExp(`^${name}\\s+p50\\s+(\\d+) us`, 'm'))
  return { signature: of('Ed25519 alone'), verification: of('verify, memory') }
}

function figureIn(output: string, pattern: RegExp): number {
  const [, text] = pattern.exec(output) ?? []
  if (text === undefined) throw new Error(`the benchmark printed no ${pattern.source}: ${output}`)
  return Number(text)
}
