import { join } from 'node:path'
import { askStatus } from '../../cli/status/ask-status.ts'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { freePort, RedisServer, until } from '../../testkit/redis-server.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { inProcess } from '../cli/kong/execute.ts'

let redis: RedisServer
let services: EnvoyService[] = []
beforeAll(async () => {
  redis = await RedisServer.start()
})
afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()))
  services = []
})
afterAll(() => redis.stop())

async function start(flags: readonly string[] = []): Promise<EnvoyService> {
  const config = {
    ...BASE_CONFIG,
    replay: { store: 'redis' },
    redis: { host: redis.host, port: redis.port },
  }
  const service = await EnvoyService.start({ policies: { inventory: config }, flags })
  services.push(service)
  return service
}

/** Exit code and output of the command. */
async function ask(socket: string): Promise<readonly [number, string]> {
  const args = ['status', '--socket', socket]
  const { stdout, exitCode } = await inProcess({ args, stdin: undefined }, '/')
  return [exitCode, stdout]
}

describe('oathmesh status asks oathmesh-envoy', () => {
  test('beside its socket: healthy, degraded while Redis is away, away when it has ended', async () => {
    const service = await start()
    await until(async () => (await ask(service.socketPath))[0] === 0, 10_000)
    const [, text] = await ask(service.socketPath)
    expect(text).toContain('inventory')
    await redis.kill()
    await until(async () => (await ask(service.socketPath))[0] === 1, 10_000)
    expect((await ask(service.socketPath))[1]).toMatch(/redis .*away/i)
    await service.end()
    expect((await ask(service.socketPath))[0]).toBe(2)
    redis = await RedisServer.start({ from: redis })
  })

  test('at a path of its own where it listens on a port', async () => {
    const path = join(redis.dir, 'status.sock')
    await start(['--listen', `127.0.0.1:${await freePort()}`, '--status', path])
    await until(async () => (await ask(path))[0] === 0, 10_000)
  })

  test('at each worker by itself', async () => {
    const service = await start(['--workers', '2', '--drain-ms', '100'])
    const worker = (number: number) => service.socketPath.replace('.sock', `.${number}.sock`)
    for (const number of [0, 1]) {
      await until(async () => (await ask(worker(number)))[0] === 0, 10_000)
    }
    const pids = await Promise.all([0, 1].map((number) => askStatus(worker(number), 3000)))
    const seen = pids.map((asked) => (asked.as === 'report' ? asked.report.server.pid : 0))
    expect(new Set([...seen, 0]).size).toBe(3)
    // Without their supervisor they end by themselves, and give their addresses back.
    await service.end('SIGKILL')
    for (const number of [0, 1]) {
      await until(async () => (await ask(worker(number)))[0] === 2, 20_000)
    }
  })
})
