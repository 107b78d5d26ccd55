import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

// A record must live as long as any gateway's clock may take its token for alive, whatever the clock of
// the gateway that wrote it showed, then or later.

/** A gateway whose wall clock is moved by hand, in Unix seconds. */
class Clocked {
  readonly #folder = mkdtempSync(join(tmpdir(), 'om-clock-'))
  #stack: Loopback | undefined

  async start(now: number, settings: object): Promise<void> {
    this.set(now)
    const preload = join(__dirname, '../../testkit/clock-file.cjs')
    this.#stack = await startOnLoopback({
      entities: serviceWith({ '/items': { ...BASE_CONFIG, deadline_ms: 10_000, ...settings } }),
      env: { NODE_OPTIONS: `--require ${preload}`, OATHMESH_TEST_CLOCK: this.#file },
    })
  }

  set(now: number): void {
    writeFileSync(`${this.#file}.new`, String(now))
    renameSync(`${this.#file}.new`, this.#file)
  }

  async status(token: string): Promise<number> {
    const headers = ['Authorization', `OathMesh ${token}`]
    return (await httpCall(this.#stack?.url ?? '', { path: '/items', headers })).status
  }

  async stop(): Promise<void> {
    await this.#stack?.stop()
    rmSync(this.#folder, { recursive: true })
  }

  get #file(): string {
    return join(this.#folder, 'now')
  }
}

const BEGIN = Math.floor(Date.now() / 1000)
/** Issued after the history of an empty Redis has begun. */
const IAT = BEGIN + 10
const EXP = IAT + 60

const tokenOf = (claims = {}) => freshToken({ iat: IAT, exp: EXP, ...claims })

afterAll(closeHttpCalls)

describe('over Redis, a gateway whose clock is ahead and one whose clock is behind', () => {
  let redis: RedisServer
  const ahead = new Clocked()
  const behind = new Clocked()

  beforeAll(async () => {
    redis = await RedisServer.start()
    const settings = {
      replay: { store: 'redis' },
      redis: { host: redis.host, port: redis.port, timeout: 2000 },
    }
    await ahead.start(BEGIN, settings)
    await behind.start(BEGIN, settings)
    const early = { iat: BEGIN + 5, exp: BEGIN + 100 }
    await until(async () => (await ahead.status(tokenOf(early))) === 200, 10_000)
    await until(async () => (await behind.status(tokenOf(early))) === 200, 10_000)
  })

  afterAll(async () => {
    await ahead.stop()
    await behind.stop()
    await redis.stop()
  })

  /** Lets so many seconds pass for every record in Redis. */
  const age = async (seconds: number) => {
    const script = `for _, key in ipairs(redis.call('keys', 'oathmesh:replay:*')) do
      local left = redis.call('pttl', key)
      if left > 0 then redis.call('pexpire', key, math.max(0, left - ${seconds * 1000})) end
    end`
    await redis.cli('eval', script, '0')
  }

  test.each([
    [7, 25],
    [15, 25],
    [29, 1],
    [29, 29],
    [40, 20],
  ])('accept a token once, %i s and %i s apart', async (later, apart) => {
    const token = tokenOf()
    // Nearly dead by the clock that is ahead: its record was to die with the leeway.
    const now = EXP + 28
    ahead.set(now)
    expect(await ahead.status(token)).toBe(200)
    await age(later)
    behind.set(now - apart + later)
    const status = await behind.status(token)
    expect(status).toBe(401)
  })

  test('would accept it at the clock that is behind, had it not been used', async () => {
    behind.set(EXP + 28 - 25 + 7)
    expect(await behind.status(tokenOf())).toBe(200)
  })
})

describe('in memory, a clock that is set', () => {
  const gateway = new Clocked()
  beforeAll(() => gateway.start(BEGIN, {}))
  afterAll(() => gateway.stop())

  test.each([
    ['forward', [3600]],
    ['back', [-60]],
    ['forward twice', [600, 7200]],
    ['back and forward', [-3600, 3600]],
    ['forward by a day and back', [86_400, -86_400]],
  ])('%s and then right again lets no used token pass', async (_, steps) => {
    gateway.set(IAT + 5)
    const token = tokenOf()
    expect(await gateway.status(token)).toBe(200)
    for (const step of steps) {
      gateway.set(IAT + 5 + step)
      // What it forgets, it forgets when it is asked.
      await gateway.status(freshToken({ iat: IAT + 5 + step, exp: IAT + 65 + step }))
    }
    gateway.set(IAT + 6)
    expect(await gateway.status(token)).toBe(401)
  })

  test('lets no token pass again that was used while it was ahead', async () => {
    gateway.set(EXP + 28)
    const token = tokenOf()
    expect(await gateway.status(token)).toBe(200)
    gateway.set(EXP + 4000)
    await gateway.status(freshToken({ iat: EXP + 4000, exp: EXP + 4060 }))
    gateway.set(IAT + 5)
    expect(await gateway.status(token)).toBe(401)
  })
})
