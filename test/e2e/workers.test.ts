import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import type { PluginChoice } from '../../testkit/plugin-commands.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const TWO: PluginChoice = { flags: ['--wire', 'protobuf', '--workers', '2'] }
const USES = 500

afterAll(closeHttpCalls)

/** The processes that the plugin server has started. */
function workersOf({ pluginServer: { pid } }: Loopback): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').filter(Boolean).map(Number)
}

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
      deadline_ms: 10_000,
      replay: { store: 'redis' },
      redis: { host: '127.0.0.1', port: redis.port, timeout_ms: 2000 },
      audit: { sink: 'none' },
    }
    const stack = await startOnLoopback({
      plugin: TWO,
      entities: serviceWith({ '/items': config }),
    })
    try {
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
      const counts = { passed: 0, refused: 0, unavailable: 0, unverified: 0, other: 0, kills: 0 }
      const end = Date.now() + 8000
      const lanes = Array.from({ length: 8 }, async (_, lane) => {
        for (let turn = 0; Date.now() < end; turn++) {
          const valid = (turn + lane) % 2 === 0
          const { status } = await withToken(stack, valid ? freshToken() : 'no.token.here')
          if (status === 200 && !valid) counts.unverified++
          else if (status === 200) counts.passed++
          else if (status === 401) counts.refused++
          else if (status === 500 || status === 503) counts.unavailable++
          else counts.other++
        }
      })
      while (Date.now() < end) {
        await sleep(1000)
        const [victim] = workersOf(stack)
        if (victim === undefined) continue
        process.kill(victim, 'SIGKILL')
        counts.kills++
      }
      await Promise.all(lanes)
      process.stdout.write(`a worker killed every second: ${JSON.stringify(counts)}\n`)
      expect(counts).toMatchObject({ unverified: 0, other: 0 })
      expect(counts.kills).toBeGreaterThan(4)
      expect(counts.passed).toBeGreaterThan(100)
      // A kill costs at most what was under way at that worker.
      expect(counts.unavailable).toBeLessThanOrEqual(counts.kills * lanes.length)
    } finally {
      await stack.stop()
    }
  })

  test('seal one file with a chain each', async () => {
    const { mkdtempSync, rmSync } = await import('node:fs')
    const { tmpdir } = await import('node:os')
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
      const events = lines.map((line) => JSON.parse(line) as { chain: string; seq: number })
      const chains = new Map<string, number[]>()
      for (const { chain, seq } of events) chains.set(chain, [...(chains.get(chain) ?? []), seq])
      expect(events).toHaveLength(100)
      expect(chains.size).toBe(2)
      for (const numbers of chains.values()) {
        expect(numbers).toEqual(numbers.map((_, at) => at + (numbers[0] ?? 0)))
      }
    } finally {
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
