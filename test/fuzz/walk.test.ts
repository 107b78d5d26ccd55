import { seedOfTests } from '../../testkit/seed.ts'
import { walk } from './walk/walk.ts'

/** OATHMESH_WALK_SECONDS for longer ones; `npm run walk` for a million calls. */
const SECONDS = Number(process.env['OATHMESH_WALK_SECONDS'] ?? 40)

test(
  'whatever breaks, nothing unverified passes, and no token twice',
  async () => {
    const seed = seedOfTests()
    const { violations, sent, reached, faults, answers, degraded } = await walk({
      seconds: SECONDS,
      seed,
    })
    process.stdout.write(
      `walk: ${JSON.stringify({ seed, answers, sent, reached, faults, degraded })}\n`,
    )
    expect({ seed, violations }).toEqual({ seed, violations: [] })
    expect(reached.fresh).toBeGreaterThan(100)
    expect(sent.again).toBeGreaterThan(100)
    expect(Object.keys(faults).length).toBeGreaterThan(5)
  },
  SECONDS * 1000 + 120_000,
)
