import { seedOfTests } from '../../testkit/seed.ts'
import { walk } from './walk/walk.ts'

/** OATHMESH_WALK_SECONDS for longer ones; `npm run walk` for a million calls. */
const SECONDS = Number(process.env['OATHMESH_WALK_SECONDS'] ?? 40)

test(
  'whatever breaks, nothing unverified passes, and no token twice',
  async () => {
    const seed = seedOfTests()
    // Its memory says nothing: processes are killed until half-way.
    const { memory: _, ...report } = await walk({ seconds: SECONDS, seed })
    process.stdout.write(`walk: ${JSON.stringify(report)}\n`)
    const { violations, sent, reached, faults, lossReports } = report
    expect({ seed, violations }).toEqual({ seed, violations: [] })
    expect(reached.fresh).toBeGreaterThan(100)
    expect(sent.again).toBeGreaterThan(100)
    expect(Object.keys(faults).length).toBeGreaterThan(5)
    if (faults['audit disk full'] !== undefined) expect(lossReports).toBeGreaterThan(0)
  },
  SECONDS * 1000 + 120_000,
)
