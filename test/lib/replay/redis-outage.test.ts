import { execFileSync } from 'node:child_process'
import type { TokenUse, UseOutcome } from '../../../lib/replay/replay-store.ts'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { FreezingProxy } from './freezing-proxy.ts'
import { Harness } from './harness.ts'
import { report } from './load.ts'

/** What a new token may wait for its refusal. */
const REFUSAL_MS = 300
const RECOVERY_MS = 25_000
/** Longer than a silence must last to count. */
const REFUSED_MS = 2500
const POPULATE = `for n = 1, 30000 do redis.call('set', 'p' .. n, 'x') end`

interface Stage {
  server: RedisServer
  readonly proxy: FreezingProxy
  readonly harness: Harness
}

interface Fault {
  readonly name: string
  readonly args?: readonly string[]
  strike(stage: Stage): Promise<void> | void
  heal(stage: Stage): Promise<void> | void
  /** Whether Redis is away, and not only unwilling. */
  readonly isAway: boolean
  /** What becomes of a token that was used before the outage. */
  readonly afterwards: UseOutcome
}

const restart =
  (args: readonly string[] = [], awaitReady = true) =>
  async (stage: Stage) => {
    stage.server = await RedisServer.start({ from: stage.server, args, awaitReady })
  }

const config =
  (...pairs: readonly [string, string][]) =>
  async ({ server }: Stage) => {
    for (const [name, value] of pairs) await server.cli('config', 'set', name, value)
  }

const FAULTS: readonly Fault[] = [
  {
    name: 'a killed server that comes back empty',
    strike: ({ server }) => server.kill(),
    heal: restart(),
    isAway: true,
    afterwards: 'history_unknown',
  },
  {
    name: 'a killed server that comes back with its append-only file',
    args: ['--appendonly', 'yes', '--appendfsync', 'always'],
    strike: ({ server }) => server.kill(),
    heal: restart(['--appendonly', 'yes']),
    isAway: true,
    afterwards: 'seen',
  },
  {
    name: 'a killed server that comes back with an old snapshot',
    async strike({ server, harness }) {
      await server.cli('save')
      await harness.claim(harness.use('after the snapshot'))
      await server.kill()
    },
    async heal(stage) {
      await restart()(stage)
      const { harness } = stage
      await until(async () => {
        return (await harness.claim(harness.use('after the snapshot'))) === 'history_unknown'
      }, RECOVERY_MS)
    },
    isAway: true,
    afterwards: 'seen',
  },
  {
    name: 'a stopped process',
    strike: ({ server }) => server.signal('SIGSTOP'),
    heal: ({ server }) => server.signal('SIGCONT'),
    isAway: true,
    afterwards: 'seen',
  },
  {
    name: 'a half-open connection',
    strike: ({ proxy }) => proxy.freeze(),
    heal: ({ proxy }) => proxy.thaw(),
    isAway: true,
    afterwards: 'seen',
  },
  {
    name: 'CLIENT PAUSE',
    strike: async ({ server }) => void (await server.cli('client', 'pause', '5000', 'all')),
    heal: () => {},
    isAway: true,
    afterwards: 'seen',
  },
  {
    name: '-LOADING',
    async strike(stage) {
      await stage.server.cli('eval', POPULATE, '0')
      await stage.server.cli('save')
      await stage.server.kill()
      const slow = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024']
      await restart(slow, false)(stage)
      await until(async () => (await stage.server.cli('ping')).startsWith('LOADING'), RECOVERY_MS)
    },
    heal: config(['key-load-delay', '0']),
    isAway: false,
    afterwards: 'seen',
  },
  {
    name: '-READONLY',
    strike: async ({ server }) => void (await server.cli('replicaof', '127.0.0.1', '1')),
    heal: async ({ server }) => void (await server.cli('replicaof', 'no', 'one')),
    isAway: false,
    afterwards: 'seen',
  },
  {
    name: '-OOM',
    strike: config(['maxmemory', '1']),
    heal: config(['maxmemory', '0']),
    isAway: false,
    afterwards: 'seen',
  },
  {
    name: '-NOREPLICAS',
    strike: config(['min-replicas-to-write', '1']),
    heal: config(['min-replicas-to-write', '0']),
    isAway: false,
    afterwards: 'seen',
  },
  {
    name: 'a password that has changed',
    async strike({ server }) {
      await server.cli('config', 'set', 'requirepass', 'other')
      await server.cli('-a', 'other', '--no-auth-warning', 'client', 'kill', 'type', 'normal')
    },
    heal: async ({ server }) =>
      void (await server.cli(
        '-a',
        'other',
        '--no-auth-warning',
        'config',
        'set',
        'requirepass',
        '',
      )),
    isAway: false,
    afterwards: 'seen',
  },
  {
    name: 'an append-only file that cannot grow',
    args: ['--appendonly', 'yes'],
    async strike({ server, harness }) {
      limitFiles(server, '1')
      await until(async () => {
        await harness.claim(harness.use(`${performance.now()}`))
        return (await server.cli('set', 'x', 'y')).startsWith('MISCONF')
      }, RECOVERY_MS)
    },
    async heal({ server }) {
      limitFiles(server, 'unlimited')
      await until(async () => (await server.cli('set', 'x', 'y')) === 'OK', RECOVERY_MS)
    },
    isAway: false,
    afterwards: 'seen',
  },
  {
    name: 'revocations that are not a hash',
    strike: async ({ server }) => void (await server.cli('set', 'oathmesh:revocations', 'none')),
    heal: async ({ server }) => void (await server.cli('del', 'oathmesh:revocations')),
    isAway: false,
    afterwards: 'seen',
  },
]

/** As on a full disk: from now on files of the process may not grow beyond so many bytes. */
function limitFiles(server: RedisServer, bytes: string): void {
  execFileSync('prlimit', ['--pid', `${server.pid}`, `--fsize=${bytes}:unlimited`])
}

describe('an outage', () => {
  let stage: Stage

  const begin = async (args: readonly string[] = []) => {
    const server = await RedisServer.start({ args })
    const proxy = await FreezingProxy.to(server.port)
    const harness = await Harness.open({ ...server.settings, port: proxy.port })
    stage = { server, proxy, harness }
  }

  afterEach(async () => {
    await stage.harness.replay.close()
    await stage.proxy.close()
    await stage.server.stop()
  })

  /** Known tokens pass once Redis is known to be away, for as long as the window is open. */
  const expectWindow = async (known: TokenUse) => {
    const { harness } = stage
    const outcomes: UseOutcome[] = []
    await until(async () => {
      outcomes.push(await harness.claim(known))
      return outcomes.includes('known_good')
    }, RECOVERY_MS)
    expect(new Set(outcomes.slice(0, -1))).not.toContain('fresh')
    expect(await harness.claim(harness.use('newer'))).toBe('unavailable')
    harness.pass(61)
    expect(await harness.claim(known)).toBe('unavailable')
  }

  /** A server that says no is not away, however often it says so. */
  const expectRefusals = async (known: TokenUse) => {
    const { harness } = stage
    // One that was killed is away until it is found to be there again, and loading.
    await until(async () => (await harness.claim(known)) === 'unavailable', RECOVERY_MS)
    const startedAt = performance.now()
    const outcomes = new Set<UseOutcome>()
    while (performance.now() - startedAt < REFUSED_MS) {
      const calls = Array.from({ length: 30 }, () => harness.claim(known))
      for (const outcome of await Promise.all(calls)) outcomes.add(outcome)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect([...outcomes]).toEqual(['unavailable'])
  }

  test.each(FAULTS)('by $name is bounded and forgets no use', async (fault) => {
    await begin(fault.args)
    const { harness } = stage
    const known = harness.use('used before')
    expect(await harness.claim(known)).toBe('fresh')
    await fault.strike(stage)

    const atOnce = await Promise.all(
      Array.from({ length: 20 }, (_, n) => harness.timed(harness.use(`new ${n}`))),
    )
    expect(new Set(atOnce.map(({ outcome }) => outcome))).toEqual(new Set(['unavailable']))
    expect(Math.max(...atOnce.map(({ ms }) => ms))).toBeLessThan(REFUSAL_MS)
    if (fault.isAway) await expectWindow(known)
    else await expectRefusals(known)

    await fault.heal(stage)
    const recoveredMs = await until(async () => {
      harness.nowMs += 1000
      return (await harness.claim(harness.use(`later ${harness.nowMs}`))) === 'fresh'
    }, RECOVERY_MS)
    report(`${fault.name}, until Redis is used again`, recoveredMs)
    expect(await harness.claim(known)).toBe(fault.afterwards)
    const refused = harness.use('new 0', { issuedAt: known.issuedAt })
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => harness.claim(refused)))
    expect(outcomes.filter((outcome) => outcome === 'fresh').length).toBeLessThanOrEqual(1)
  })
})
