import { seedOfTests } from '../../testkit/seed.ts'
import { corpusOf, runTarget } from './run-target.ts'
import { TARGETS } from './targets/index.ts'

/** Enough to find again what is easily found; `npm run fuzz` looks further. */
const RUNS = 1000

test.each(TARGETS.map((target) => [target.name, target] as const))(
  '%s takes what comes',
  async (_, target) => {
    const { finding, executions } = await runTarget(target, { runs: RUNS, seed: seedOfTests() })
    if (finding !== undefined) {
      throw new Error(`broken by ${JSON.stringify(finding.input.toString('latin1'))}`, {
        cause: finding.cause,
      })
    }
    expect(executions).toBe(RUNS + target.seeds.length + corpusOf(target).length)
  },
)

test('a fault that is there is found, and made small', async () => {
  const check = (input: Buffer) => {
    if (input.includes('}{')) throw new Error('there')
  }
  const target = { name: 'self', seeds: [Buffer.from('{"a":1}')], dictionary: ['{', '}'], check }
  const { finding } = await runTarget(target, { runs: 5000, seed: 1 })
  expect(finding?.cause).toMatchObject({ message: expect.stringContaining('there') })
})
