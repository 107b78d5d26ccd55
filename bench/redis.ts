import { Redis } from 'ioredis'
import { silentLog } from '../lib/ports/log.ts'
import { RedisReplay } from '../lib/replay/redis-replay.ts'
import type { TokenUse } from '../lib/replay/replay-store.ts'
import { RedisServer } from '../testkit/redis-server.ts'

const ROUNDS = 20_000
const WARM_UP = 3000
const CONCURRENCY = [1, 16, 64]
const SIZED_RECORDS = 100_000

const server = await RedisServer.start()
const client = new Redis({ port: server.port, protocol: 2 })
const replay = new RedisReplay({
  settings: { ...server.settings, timeoutMs: 5000 },
  clock: { now: () => Date.now() },
  stopwatch: () => performance.now(),
  random: Math.random,
  log: silentLog,
})
await replay.open()
const store = replay.store({ keyFormat: 'hashed', revocation: true, knownGoodSeconds: 60 })
let uses = 0

function nextUse(): TokenUse {
  uses += 1
  const now = Date.now() / 1000
  return {
    issuer: 'https://issuer.example',
    tokenId: `7e2c1f0a-5a57-4e3e-9f0e-${uses}`,
    subject: 'agent://billing/worker',
    issuedAt: Math.floor(now) + 2,
    acceptableUntil: now + 330,
    leewaySeconds: 30,
    token: `${'x'.repeat(600)}${uses}`,
    realm: 'https://api.example\nentity',
  }
}

const SUBJECTS: Readonly<Record<string, () => Promise<unknown>>> = {
  PING: () => client.ping(),
  claim: claimOnce,
  // The alternative that was measured and not taken.
  'pipeline of three': async () => {
    const { tokenId, subject } = nextUse()
    const pipeline = client.pipeline().hget('oathmesh:revocations', subject)
    await pipeline
      .set(`bench:${tokenId}`, '1', 'PX', 332_000, 'NX')
      .get('oathmesh:replay:epoch')
      .exec()
  },
}

async function claimOnce(): Promise<void> {
  const outcome = await store.claim(nextUse(), Date.now() / 1000)
  if (outcome !== 'fresh') throw new Error(outcome)
}

/** Milliseconds of each call, with so many under way at any time. */
async function measure(call: () => Promise<unknown>, concurrency: number, rounds: number) {
  const durations: number[] = []
  let left = rounds
  const lane = async () => {
    while (left > 0) {
      left -= 1
      const startedAt = performance.now()
      await call()
      durations.push(performance.now() - startedAt)
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: concurrency }, lane))
  return { durations, elapsedMs: performance.now() - startedAt }
}

const quantile = (sorted: readonly number[], share: number) =>
  (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(3)

const rows: Record<string, string>[] = []
for (const concurrency of CONCURRENCY) {
  for (const [name, call] of Object.entries(SUBJECTS)) {
    await measure(call, concurrency, WARM_UP)
    const { durations, elapsedMs } = await measure(call, concurrency, ROUNDS)
    durations.sort((a, b) => a - b)
    rows.push({
      what: name,
      'at once': `${concurrency}`,
      'p50 ms': quantile(durations, 0.5),
      'p99 ms': quantile(durations, 0.99),
      'per second': (ROUNDS / (elapsedMs / 1000)).toFixed(0),
    })
  }
}
console.table(rows)

const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
await client.flushall()
await new Promise((resolve) => setTimeout(resolve, 2500))
await measure(claimOnce, 64, 1000)
const before = await usedMemory()
await measure(claimOnce, 64, SIZED_RECORDS)
console.log(`bytes per record: ${(((await usedMemory()) - before) / SIZED_RECORDS).toFixed(0)}`)

await replay.close()
client.disconnect()
await server.stop()
