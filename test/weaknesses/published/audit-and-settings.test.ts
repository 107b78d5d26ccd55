import { grpcCode } from '../../../envoy/grpc-codes.ts'
import { ChainCheck } from '../../../lib/audit/chain-check.ts'
import { HmacChain } from '../../../lib/audit/hmac-chain.ts'
import schema from '../../../schema/config.schema.json' with { type: 'json' }
import { parseConfig } from '../../../schema/parse-config.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'

describe('W-25', () => {
  const KEY = Buffer.from('a key of thirty-two bytes or more')
  const event = { ts: '2026-11-24T03:09:04.000Z', event: 'deny', reason: 'expired', us: 1 }
  /** What one process writes, from its start to its end. */
  const written = (id: string) => {
    const chain = new HmacChain({ key: KEY, id, clock: { now: () => Date.parse(event.ts) } })
    const lines = [chain.mark('chain_start'), chain.seal(event), chain.seal(event)]
    return [...lines, chain.mark('chain_stop')]
  }
  const faultsOf = (lines: readonly string[]) => {
    const chains = new ChainCheck(KEY)
    return lines.map((line) => chains.take(line))
  }

  test('a chain that begins anew leaves the one before unfinished, and that shows', () => {
    const [before, after] = [written('before'), written('after')]
    const chains = new ChainCheck(KEY)
    for (const line of [...before.slice(0, 2), ...after]) expect(chains.take(line)).toBeUndefined()
    expect(chains.chains).toMatchObject([{ stopped: false }, { stopped: true }])
  })

  test.each([
    ['cut out', (lines: readonly string[]) => lines.toSpliced(1, 1), 'missing'],
    [
      'written twice',
      (lines: readonly string[]) => lines.toSpliced(2, 0, lines[1] ?? ''),
      'repeated',
    ],
    ['missing at the start', (lines: readonly string[]) => lines.slice(1), 'no_start'],
  ])('a line that is %s is a fault', (_, change, fault) => {
    expect(faultsOf(change(written('one')))).toContain(fault)
  })
})

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: unknown
  readonly items?: Schema
}

/** Every field by its path. */
function pathsOf({ properties = {}, items }: Schema, path = ''): readonly string[] {
  const within = items === undefined ? [] : pathsOf(items, path)
  const fields = Object.entries(properties).flatMap(([name, field]) => {
    const at = `${path}.${name}`
    return [at, ...pathsOf(field, at)]
  })
  return [...within, ...fields]
}

describe('W-28', () => {
  /** Read as a whole by the policy and by the table of routes, whose own tests go through each field. */
  const WHOLE = /^\.(?:policy\.rules|require)\./
  /** Read by the plugin when a call comes, handed to Redis as it is, or a choice by being the only one. */
  const ELSEWHERE =
    /^\.(?:anonymous|consumer\.|audit\.serialize$|policy\.allow_all$|redis\.sentinel_(?:nodes\.|role$))/

  /** Notes each field of an object that is asked for. */
  function watched<T extends object>(object: T, read: Set<string>, path = ''): T {
    return new Proxy(object, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver)
        if (typeof name !== 'string') return value
        const at = Array.isArray(target) ? path : `${path}.${name}`
        read.add(at)
        return typeof value === 'object' && value !== null ? watched(value, read, at) : value
      },
    })
  }

  test('no field of the configuration is without effect: each is read', () => {
    const read = new Set<string>()
    const nodes = { cluster_nodes: [{ ip: '10.0.0.1', port: 6379 }] }
    for (const changes of [
      { replay: { store: 'memory' } },
      { replay: { store: 'redis' }, redis: { host: 'redis.internal' } },
      { replay: { store: 'redis' }, redis: nodes },
      { policy: { file: '/etc/oathmesh/policy.json' } },
    ]) {
      const config = watched(parseConfig({ ...BASE_CONFIG, ...changes }), read)
      toGatewaySettings(config, 'entity')
    }
    const fields = pathsOf(schema as Schema).filter(
      (path) => !WHOLE.test(path) && !ELSEWHERE.test(path),
    )
    expect(fields.length).toBeGreaterThan(50)
    expect(fields.filter((path) => !read.has(path))).toEqual([])
  })

  test('and none is invented: a field that is not there is refused by its name', () => {
    expect(() => parseConfig({ ...BASE_CONFIG, clock_skew: 10 })).toThrow('clock_skew')
    expect(() => parseConfig({ ...BASE_CONFIG, keys: { tll: 10 } })).toThrow('keys.tll')
  })
})

test.each([
  [400, 3],
  [401, 16],
  [403, 7],
  [413, 8],
  [503, 14],
])('W-30 the fault of a caller is not INTERNAL in gRPC: %i is %i', (status, code) => {
  expect(grpcCode(status)).toBe(code)
})
