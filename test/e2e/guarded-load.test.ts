import { parse } from 'yaml'
import { nativeFunctions } from '../../kong/guard/native.ts'
import { renderPlugins } from '../../kong/guard/render.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { KEYS } from '../../testkit/keys.ts'
import { type Stack, startStack } from '../../testkit/stack.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const DURATION_MS = 30_000
const KILL_EVERY_MS = 1000
const CALLERS = 4

type Outcome = 'passed' | 'refused' | 'unavailable' | 'UNVERIFIED'

/** What callers send in turn. The upstream may see the first kind alone. */
const KINDS: readonly (() => { valid: boolean; headers: string[] })[] = [
  () => ({ valid: true, headers: ['Authorization', `OathMesh ${freshToken()}`] }),
  () => ({ valid: false, headers: [] }),
  () => ({ valid: false, headers: ['Authorization', `OathMesh ${freshToken({}, KEYS.stranger)}`] }),
  () => ({
    valid: false,
    headers: ['X-OathMesh-Decision', 'allow', 'x_oathmesh_decision', 'allow'],
  }),
]

describe('a guarded route whose plugin server is killed every second', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack({
      routes: { '/items': { ...BASE_CONFIG, audit: { sink: 'none' } } },
      entities: parse(renderPlugins({ kind: 'global' })) as object,
      nativeFunctions,
      respawnDelayMs: 50,
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  test(
    'never lets the upstream answer without a verified token',
    async () => {
      const counts: Record<Outcome, number> = {
        passed: 0,
        refused: 0,
        unavailable: 0,
        UNVERIFIED: 0,
      }
      const ends = Date.now() + DURATION_MS
      let served = false
      const killing = setInterval(() => {
        // On a busy machine a new process may need longer to serve anything: then it lives on.
        if (!served) return
        served = false
        try {
          process.kill(stack.gateway.pluginServer.pid ?? process.pid, 'SIGKILL')
        } catch {
          // It is dead already and not yet started again.
        }
      }, KILL_EVERY_MS)
      const caller = async (first: number) => {
        for (let turn = first; Date.now() < ends; turn++) {
          const { valid, headers } = (KINDS[turn % KINDS.length] as (typeof KINDS)[number])()
          const { status } = await httpCall(stack.url, { path: '/items', headers })
          const outcome = outcomeOf(status, valid)
          counts[outcome] += 1
          served ||= outcome === 'passed' || outcome === 'refused'
          // Leaves the new process some of the machine to start on.
          if (outcome === 'unavailable') await new Promise((later) => setTimeout(later, 10))
        }
      }
      try {
        await Promise.all(Array.from({ length: CALLERS }, (_, at) => caller(at)))
      } finally {
        clearInterval(killing)
      }
      process.stdout.write(`guarded route, server killed every second: ${JSON.stringify(counts)}\n`)
      expect(counts.UNVERIFIED).toBe(0)
      expect(
        stack.seen.filter(({ headers }) => headers['x-oathmesh-decision'] !== 'allow'),
      ).toEqual([])
      // The load has met the plugin both alive and dead.
      expect(counts.passed).toBeGreaterThan(100)
      expect(counts.refused).toBeGreaterThan(100)
      expect(counts.unavailable).toBeGreaterThan(100)
    },
    DURATION_MS + 20_000,
  )
})

function outcomeOf(status: number, valid: boolean): Outcome {
  if (status === 200) return valid ? 'passed' : 'UNVERIFIED'
  return status === 401 ? 'refused' : 'unavailable'
}
