import { parseArgs } from 'node:util'
import { matrixText } from './matrix-text.ts'
import { IMPLEMENTATIONS, runConformance } from './run-conformance.ts'

const USAGE = `usage: npm run conformance -- [--json] [--only NAME]...
Runs the vectors of test/vectors through every implementation and prints one matrix.
NAME is one of ${IMPLEMENTATIONS.map(({ name }) => name).join(', ')}.
Ends with 1 where any of them differs or cannot be run.`

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  })
  const { json, only, help } = values
  const unknown = only.find((name) => !IMPLEMENTATIONS.some((one) => one.name === name))
  if (help || unknown !== undefined) {
    const fault = unknown === undefined ? '' : `no implementation is named "${unknown}"\n`
    process.stderr.write(`${fault}${USAGE}\n`)
    return help ? 0 : 2
  }
  const chosen = IMPLEMENTATIONS.filter(({ name }) => only.length === 0 || only.includes(name))
  try {
    const matrix = await runConformance(chosen, (line) => process.stderr.write(`${line}\n`))
    process.stdout.write(`${json ? JSON.stringify(matrix) : matrixText(matrix)}\n`)
    return matrix.differences === 0 ? 0 : 1
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 1
  }
}
