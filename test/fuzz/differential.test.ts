import { seedOfTests } from '../../testkit/seed.ts'
import { compareTokens } from './differential/compare.ts'

test('core, Go, Python and jose agree about mutated tokens', async () => {
  const seed = seedOfTests()
  const { tokens, accepted, disagreements } = await compareTokens(1000, seed)
  expect({ seed, disagreements }).toEqual({ seed, disagreements: [] })
  expect(tokens).toBe(1000)
  expect(accepted).toBeGreaterThan(20)
}, 600_000)
