import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { childrenOf } from '../../testkit/children-of.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import type { PluginChoice } from '../../testkit/plugin-commands.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const TWO: PluginChoice = { flags: ['--wire', 'protobuf', '--workers', '2'] }
const USES = 500
const LANES = 8
const KILLS = 6

type Kind = 'passed' | 'refused' | 'down' | 'unverified' | 'other'

interface AuditLine {
  readonly event: string
  readonly chain: string
  readonly seq: number
}

afterAll(closeHttpCalls)

/** The processes that the plugin server has started. */
const workersOf = ({ pluginServer: { pid } }: Loopback) => childrenOf(pid)

const withToken = (stack: Loopback, token: string) =>
  httpCall(stack.url, { path: '/items', headers: ['Authorization', `OathMesh ${token}`] })

/** Answers to many uses of one token at once, by status. */
async function useAtOnce(stack: Loopback): Promise<Record<string, number>> {
  const token = freshToken()
  const answers = await Promise.all(Array.from({ length: USES }, () => withToken(stack, token)))
  const counts: Record<string, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  process.stdout.write(`${USES} uses of one token, --workers 2: ${JSON.stringify(counts)}\n`)
  return counts
}

function kindOf(status: number, valid: boolean): Kind {
  if (status === 200) return valid ? 'passed' : 'unverified'
  if (status === 401) return 'refused'
  return status === 500 || status === 503 ? 'down' : 'other'
}

/** How many workers have become ready so far. */
function readyLines({ log }: Loopback): number {
  return log.filter((line) => line.includes('a worker is ready')).length
}

describe('two workers', () => {
  test('accept one of 500 uses of a token with the memory store', async () => {
    const config = { ...BASE_CONFIG, deadline_ms: 10_000, audit: { sink: 'none' } }
    const stack = await startOnLoopback({
      plugin: TWO,
      entities: serviceWith({ '/items': config }),
    })
    try {
      // Tokens of the second in which the server started may have been used before it did.
      await sleep(1100)
      for (let round = 0; round < 3; round++) {
        expect(await useAtOnce(stack)).toEqual({ 200: 1, 401: USES - 1 })
      }
      expect(stack.seen).toHaveLength(3)
    } finally {
      await stack.stop()
    }
  })

  test('accept one of 500 uses of a token with Redis', async () => {
    const redis = await RedisServer.start()
    const config = {
      ...BASE_CONFIG,
      // A busy machine is not one whose Redis is away.
      deadline_ms: 10_000,
      replay: { store: 'redis' },
      redis: { host: '127.0.0.1', port: redis.port, timeout: 5000 },
      audit: { sink: 'none' },
    }
    const stack = await startOnLoopback({
      plugin: TWO,
      entities: serviceWith({ '/items': config }),
    })
    try {
      // The first claim dates this Redis; tokens of before may have been used.
      await withToken(stack, freshToken())
      await sleep(1100)
      expect(await useAtOnce(stack)).toEqual({ 200: 1, 401: USES - 1 })
    } finally {
      await stack.stop()
      await redis.stop()
    }
  })

  test('one of which is killed every second let nothing unverified through, and answer the rest', async () => {
    const config = { ...BASE_CONFIG, audit: { sink: 'none' } }
    const stack = await startOnLoopback({
      plugin: TWO,
      entities: serviceWith({ '/items': config }),
    })
    try {
      await sleep(1100)
      const counts: Record<Kind, number> = {
        passed: 0,
        refused: 0,
        down: 0,
        unverified: 0,
        other: 0,
      }
      let killing = true
      const lanes = Array.from({ length: LANES }, async (_, lane) => {
        for (let turn = lane; killing; turn++) {
          const valid = turn % 2 === 0
          const { status } = await withToken(stack, valid ? freshToken() : 'no.token.here')
          counts[kindOf(status, valid)]++
        }
      })
      for (let kill = 1; kill <= KILLS; kill++) {
        await sleep(1000)
        // Of two that are ready, the older one; a busy machine needs a while to start another.
        while (readyLines(stack) < kill + 1) await sleep(50)
        const [victim] = workersOf(stack)
        if (victim !== undefined) process.kill(victim, 'SIGKILL')
      }
      killing = false
      await Promise.all(lanes)
      process.stdout.write(`${KILLS} workers killed, one a second: ${JSON.stringify(counts)}\n`)
      expect(counts).toMatchObject({ unverified: 0, other: 0 })
      expect(counts.passed).toBeGreaterThan(KILLS)
      expect(counts.refused).toBeGreaterThan(KILLS)
      // A kill costs at most what was under way at that worker.
      expect(counts.down).toBeLessThanOrEqual(KILLS * LANES)
    } finally {
      await stack.stop()
    }
  })

  test('seal one file with a chain each', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oathmesh-audit-'))
    const file = join(folder, 'audit.log')
    const audit = { sink: 'file', file, hmac_key: 'k'.repeat(64) }
    const stack = await startOnLoopback({
      plugin: TWO,
      entities: serviceWith({ '/items': { ...BASE_CONFIG, audit } }),
    })
    try {
      await sleep(1100)
      await Promise.all(Array.from({ length: 100 }, () => withToken(stack, freshToken())))
      const lines = readFileSync(file, 'utf8').trim().split('\n')
      const events = lines.map((line) => JSON.parse(line) as AuditLine)
      const chains = new Map<string, number[]>()
      for (const { chain, seq } of events) chains.set(chain, [...(chains.get(chain) ?? []), seq])
      expect(events.filter(({ event }) => event === 'allow')).toHaveLength(100)
      expect(chains.size).toBe(2)
      for (const numbers of chains.values()) {
        expect(numbers).toEqual(numbers.map((_, at) => at))
      }
    } finally {
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
