import type { RedisNode, RedisSettings } from '../../../lib/redis/redis-settings.ts'
import { PausingProxy } from '../../../testkit/pausing-proxy.ts'
import { ClusterEstate } from '../../../testkit/redis-estates.ts'
import { until } from '../../../testkit/redis-server.ts'
import { Harness } from '../replay/harness.ts'

// A Cluster is found by whatever leads to it, and what is wrong with one server concerns its keys alone.

const STARTS = 6
const REACHED_MS = 10_000

let estate: ClusterEstate
let proxy: PausingProxy
let nowMs = Date.now()

beforeAll(async () => {
  const partial = ['--cluster-require-full-coverage', 'no']
  estate = await ClusterEstate.start({ replicas: 0, more: partial })
  proxy = await PausingProxy.to(estate.servers[0]?.port ?? 0)
}, 60_000)

afterAll(async () => {
  await proxy.close()
  await estate.stop()
})

const settings = (clusterNodes: readonly RedisNode[]): RedisSettings => ({
  ...estate.settings,
  timeoutMs: 1000,
  clusterNodes,
})

async function open(clusterNodes: readonly RedisNode[]): Promise<Harness> {
  const harness = new Harness(settings(clusterNodes))
  harness.nowMs = nowMs
  await harness.replay.open()
  harness.nowMs += 2000
  nowMs = harness.nowMs
  return harness
}

const claims = (harness: Harness, name: string) =>
  Promise.all(Array.from({ length: 64 }, (_, n) => harness.claim(harness.use(`${name} ${n}`))))

const node = (at: number): RedisNode => ({ host: '127.0.0.1', port: estate.servers[at]?.port ?? 0 })
const nobody: RedisNode = { host: '127.0.0.1', port: 1 }

test.each<[string, () => readonly RedisNode[]]>([
  ['one of its servers', () => [node(1)]],
  ['all of its servers', () => [node(0), node(1), node(2)]],
  ['a balancer that is none of them', () => [{ host: '127.0.0.1', port: proxy.port }]],
  ['a server by another name', () => [{ host: 'localhost', port: node(0).port }]],
  ['a server beside one that is not there', () => [nobody, node(2)]],
  [
    'a server beside a name that does not resolve',
    () => [{ host: 'no.invalid', port: 1 }, node(2)],
  ],
])('a Cluster is reached by %s, every time, without an alarm', async (name, seeds) => {
  for (let start = 0; start < STARTS; start += 1) {
    const harness = await open(seeds())
    expect(new Set(await claims(harness, `${name} ${start}`))).toEqual(new Set(['fresh']))
    await harness.replay.close()
    expect(harness.lines.filter((line) => line.includes('cannot be used'))).toEqual([])
  }
})

describe('a Cluster that announces host names', () => {
  const announce = async (name: string, type: string) => {
    for (const server of estate.servers) {
      await server.cli('config', 'set', 'cluster-announce-hostname', name)
      await server.cli('config', 'set', 'cluster-preferred-endpoint-type', type)
    }
    await until(async () => {
      const slots = await Promise.all(estate.servers.map((each) => each.cli('cluster', 'slots')))
      return slots.every((text) => text.split(name).length > 3) || type === 'ip'
    }, REACHED_MS)
  }
  afterEach(() => announce('', 'ip'))

  test('is reached by them', async () => {
    await announce('localhost', 'hostname')
    const harness = await open([{ host: '127.0.0.1', port: proxy.port }])
    expect(new Set(await claims(harness, 'named'))).toEqual(new Set(['fresh']))
    await harness.replay.close()
  })

  test('that mean nothing here is refused in words', async () => {
    await announce('behind-nat.invalid', 'hostname')
    const harness = await open([node(0)])
    expect(new Set(await claims(harness, 'unreachable'))).toEqual(new Set(['unavailable']))
    await harness.replay.close()
    const told = harness.lines.find((line) => line.includes('cannot be used')) ?? ''
    expect(told).toContain('behind-nat.invalid')
    expect(told).toContain('cluster-announce-ip')
  })
})

describe('a Cluster with one server down', () => {
  /** Which server holds a key: `redis-cli --cluster create` gives each a third of the slots in turn. */
  const holderOf = async (key: string) => {
    const slot = Number(await estate.servers[0]?.cli('cluster', 'keyslot', key))
    return Math.min(2, Math.floor(slot / (16_384 / 3)))
  }

  test('refuses what that one holds, and it alone is away', async () => {
    const running = await open([node(0)])
    const uses = Array.from({ length: 64 }, (_, n) => running.use(`known ${n}`))
    expect(new Set(await Promise.all(uses.map((use) => running.claim(use))))).toEqual(
      new Set(['fresh']),
    )
    // Not the one that holds the revocations: without those nobody new gets in anywhere.
    await estate.servers[(await holderOf('oathmesh:revocations')) === 2 ? 1 : 2]?.kill()
    // What the others hold is a replay; what the lost one held is known good.
    await until(async () => {
      const outcomes = new Set(await Promise.all(uses.map((use) => running.claim(use))))
      return outcomes.size === 2 && outcomes.has('seen') && outcomes.has('known_good')
    }, REACHED_MS)
    await running.replay.close()

    const late = await open([node(0), node(1), node(2)])
    const outcomes = new Set(await claims(late, 'late'))
    expect(outcomes).toContain('unavailable')
    expect(outcomes).toContain('fresh')
    await late.replay.close()
  })
})
