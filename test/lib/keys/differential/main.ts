import { parseArgs } from 'node:util'
import { compare } from './compare.ts'

const { values } = parseArgs({
  options: {
    signatures: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
  },
})
const [signatures, seed] = [Number(values.signatures), Number(values.seed)]
if (!(signatures > 0) || !Number.isSafeInteger(seed)) {
  throw new TypeError('expected --signatures N --seed N')
}
const { differences, ...rest } = await compare(signatures, seed, (done) => {
  if (done % 100_000 === 0) process.stderr.write(`${done} of ${signatures}\n`)
})
console.log(JSON.stringify({ ...rest, differences: differences.length }, undefined, 2))
for (const difference of differences.slice(0, 20)) console.log(difference)
process.exitCode = differences.length === 0 ? 0 : 1
