import { setTimeout as pause } from 'node:timers/promises'
import { startEnvoy } from '../../testkit/envoy.ts'
import { shippedEnvoy } from '../../testkit/envoy-config.ts'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { type EnvoyStack, startEnvoyStack } from '../../testkit/envoy-stack.ts'
import { faultyLoad } from '../../testkit/faulty-load.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const LOAD_MS = 8000

let redis: RedisServer
let config: object
beforeAll(async () => {
  redis = await RedisServer.start()
  config = {
    ...BASE_CONFIG,
    replay: { store: 'redis', known_good_window: 0 },
    redis: { host: redis.host, port: redis.port, timeout: 500 },
  }
})
afterAll(async () => {
  closeHttpCalls()
  await redis.stop()
})

/** Ids that have been spent. */
async function spent(): Promise<number> {
  const keys = (await redis.cli('keys', 'oathmesh:replay:*')).split('\n')
  return keys.filter((key) => key !== '' && !key.endsWith(':epoch')).length
}

const call = (stack: Pick<EnvoyStack, 'url'>, token: string) =>
  httpCall(stack.url, { headers: ['Authorization', `OathMesh ${token}`] })

test('no call reaches the upstream unverified while the service is killed, frozen and restarted', async () => {
  const stack = await startEnvoyStack({
    policies: { default: { ...config, audit: { sink: 'none' } } },
    flags: ['--drain-ms', '100'],
  })
  let over = false
  const keepAlive = async () => {
    while (!over) {
      if (!stack.service.running) await stack.service.start().catch(() => {})
      await pause(20)
    }
  }
  try {
    const alive = keepAlive()
    const { seen, url, service } = stack
    const pluginServer = {
      get pid() {
        return service.running ? service.pid : undefined
      },
    }
    const counts = await faultyLoad({ url, seen, pluginServer }, LOAD_MS)
    over = true
    await alive
    expect(counts).toMatchObject({ unverified: 0 })
    expect(counts.passed).toBeGreaterThan(0)
    expect(counts.unavailable).toBeGreaterThan(0)
    expect(counts.faults.SIGKILL + counts.faults.SIGSTOP).toBeGreaterThan(1)
  } finally {
    over = true
    await stack.stop()
  }
})

describe('a service that was frozen', () => {
  let stack: EnvoyStack
  beforeAll(async () => {
    stack = await startEnvoyStack({ policies: { default: config } })
  })
  afterAll(() => stack.stop())

  test('spends no token of a call that was refused in the meantime', async () => {
    await call(stack, freshToken())
    const before = await spent()
    stack.service.signal('SIGSTOP')
    const tokens = Array.from({ length: 40 }, () => freshToken())
    const answers = await Promise.all(tokens.map((token) => call(stack, token)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    stack.service.signal('SIGCONT')
    await until(() => stack.service.output.split('deadline_exceeded').length > 1, 10_000)
    await until(async () => (await call(stack, freshToken())).status === 200, 10_000)
    const seenBefore = stack.seen.length
    const again = await Promise.all(tokens.map((token) => call(stack, token)))
    expect(again.map(({ status }) => status)).toEqual(tokens.map(() => 200))
    expect(stack.seen.length).toBe(seenBefore + tokens.length)
    expect((await spent()) - before).toBeGreaterThanOrEqual(tokens.length)
  })
})

test('a service that drains loses no call while another is there', async () => {
  const stack = await startEnvoyStack({
    policies: { default: config },
    socketName: 'one.sock',
    flags: ['--drain-ms', '3000'],
  })
  const other = await EnvoyService.start({
    policies: { default: config },
    folder: stack.service.folder,
    socketName: 'two.sock',
  })
  const sockets = [stack.service.socketPath, other.socketPath]
  const envoy = await startEnvoy(shippedEnvoy({ upstreamUrl: stack.upstreamUrl, sockets }))
  try {
    await until(async () => (await envoy.stat('cluster.oathmesh.membership_healthy')) === 2, 10_000)
    let over = false
    const statuses: number[] = []
    const callers = Array.from({ length: 4 }, async () => {
      while (!over) statuses.push((await call({ url: envoy.url() }, freshToken())).status)
    })
    expect(await stack.service.end('SIGTERM')).toBe(0)
    over = true
    await Promise.all(callers)
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect(statuses.length).toBeGreaterThan(20)
  } finally {
    await envoy.stop()
    await other.end('SIGKILL')
    await stack.stop()
  }
})

test('a service without its Redis refuses', async () => {
  const stack = await startEnvoyStack({ policies: { default: config } })
  try {
    expect((await call(stack, freshToken())).status).toBe(200)
    redis.signal('SIGSTOP')
    const before = stack.seen.length
    expect((await call(stack, freshToken())).status).toBe(503)
    expect(stack.seen.length).toBe(before)
  } finally {
    redis.signal('SIGCONT')
    await stack.stop()
  }
})
