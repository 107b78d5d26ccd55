import { parseArgs } from 'node:util'
import { compareTokens } from './compare.ts'

const USAGE = `usage: npm run differential -- [--tokens N] [--seed N] [--json]
Asks the core, the Go and Python SDKs and jose about N mutated tokens, by default 100 000.
Ends with 1 where one accepts what another refuses, or names another code or step.`
const SHOWN = 20

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      tokens: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const count = Number(values.tokens)
  if (values.help || !(count >= 1)) {
    process.stderr.write(`${USAGE}\n`)
    return values.help ? 0 : 2
  }
  const { tokens, accepted, disagreements, seed } = await compareTokens(count, Number(values.seed))
  for (const { token, said } of disagreements.slice(0, SHOWN)) {
    process.stderr.write(`${JSON.stringify(said)}\n  ${token}\n`)
  }
  const found = disagreements.length
  if (values.json) process.stdout.write(`${JSON.stringify({ seed, tokens, accepted, found })}\n`)
  else {
    process.stdout.write(
      `${tokens} tokens, ${accepted} accepted, ${found} disagreements, seed ${seed}\n`,
    )
  }
  return found === 0 ? 0 : 1
}
