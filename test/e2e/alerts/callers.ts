import { ClockFile } from '../../../testkit/conformance/clock-file.ts'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { KEYS } from '../../../testkit/keys.ts'
import { gateway, wellBehaved } from './gateway.ts'
import { both, CONFIG, type Target } from './target.ts'

/** Three APIs: at one callers sign with a foreign key, at one they ask for too much, at one they repeat themselves. */
export function callersGoAstray(): Promise<Target> {
  const apis = { signs: 'https://signs', asks: 'https://asks', repeats: 'https://repeats' }
  const rules = [{ name: 'reads', allow: true, match: { act: 'inventory.read' } }]
  let astray = false
  return gateway({
    routes: {
      '/signs': { ...CONFIG, audience: apis.signs },
      '/asks': { ...CONFIG, audience: apis.asks, policy: { rules } },
      '/repeats': { ...CONFIG, audience: apis.repeats },
    },
    raises: [
      ...both('OathMeshBurstOf401', apis.signs),
      ...both('OathMeshBurstOf403', apis.asks),
      ...both('OathMeshBurstOf401', apis.repeats),
      ...both('OathMeshReplays'),
    ],
    call(send, turn) {
      const bad = astray && turn % 2 === 0
      void send('/signs', freshToken({ aud: apis.signs }, bad ? KEYS.stranger : KEYS.trusted))
      const act = bad ? 'inventory.write' : 'inventory.read'
      void send('/asks', freshToken({ aud: apis.asks, act }))
      const token = freshToken({ aud: apis.repeats })
      void send('/repeats', token)
      if (bad) void send('/repeats', token)
    },
    begin: async () => {
      astray = true
    },
  })
}

/** The node's clock is ten minutes behind: to it, every token comes from the future. */
export async function clockIsBehind(): Promise<Target> {
  const clock = new ClockFile()
  clock.set(now())
  const running = setInterval(() => clock.set(now() - (behind ? 600 : 0)), 500)
  let behind = false
  return gateway({
    routes: { '/items': CONFIG },
    env: clock.env,
    raises: ['OathMeshClock critical', ...both('OathMeshBurstOf401', CONFIG.audience)],
    call: wellBehaved,
    begin: async () => {
      behind = true
    },
    stop: async () => {
      clearInterval(running)
      clock.remove()
    },
  })
}

const now = () => Math.floor(Date.now() / 1000)
