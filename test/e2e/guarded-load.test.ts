import { parse } from 'yaml'
import { renderPlugins } from '../../kong/guard/render.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import { faultyLoad } from '../../testkit/faulty-load.ts'
import { closeHttpCalls } from '../../testkit/http-call.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, type WireName } from '../../testkit/wires.ts'

/** OATHMESH_LOAD_SECONDS=30 for the long form. */
const SECONDS = Number(process.env['OATHMESH_LOAD_SECONDS'] ?? 8)
/** Less than the plugin server is frozen for. */
const RPC_TIMEOUT_MS = 400

const GUARD = parse(renderPlugins({ kind: 'global' })) as object

afterAll(closeHttpCalls)

async function load(name: string, wire: WireName, guard: object) {
  const stack = await startOnLoopback({
    plugin: onWire(wire),
    entities: serviceWith({ '/items': { ...BASE_CONFIG, audit: { sink: 'none' } } }, guard),
    nativeFunctions,
    rpcTimeoutMs: RPC_TIMEOUT_MS,
    respawnDelayMs: 50,
  })
  try {
    const counts = await faultyLoad(stack, SECONDS * 1000)
    process.stdout.write(`killed, frozen, restarted, ${name}: ${JSON.stringify(counts)}\n`)
    // The load has met the plugin both alive and dead.
    expect(Object.values(counts.faults).reduce((sum, times) => sum + times)).toBeGreaterThan(0)
    expect(counts.passed).toBeGreaterThan(0)
    expect(counts.refused).toBeGreaterThan(0)
    return counts
  } finally {
    await stack.stop()
  }
}

describe('a plugin server that is killed, frozen and restarted under load', () => {
  const times = SECONDS * 1000 + 40_000

  test(
    'lets nothing unverified through on MessagePack with the guard',
    async () => {
      const { unverified, unavailable } = await load('msgpack with the guard', 'msgpack', GUARD)
      expect(unverified).toBe(0)
      expect(unavailable).toBeGreaterThan(0)
    },
    times,
  )

  test(
    'lets nothing unverified through on ProtoBuf without any guard',
    async () => {
      const { unverified, unavailable } = await load('protobuf without a guard', 'protobuf', {})
      expect(unverified).toBe(0)
      expect(unavailable).toBeGreaterThan(0)
    },
    times,
  )

  test(
    'lets the unverified through on MessagePack without the guard, which is its reason',
    async () => {
      const { unverified } = await load('msgpack without a guard', 'msgpack', {})
      expect(unverified).toBeGreaterThan(0)
    },
    times,
  )
})
