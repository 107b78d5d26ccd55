import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { RedisServer } from '../../../testkit/redis-server.ts'
import type { Task } from './claimer.ts'
import { Harness } from './harness.ts'

class Claimer {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(task: Task) {
    const script = join(__dirname, 'claimer.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    child.stdin.write(`${JSON.stringify(task)}\n`)
  }

  async line(): Promise<string> {
    return String((await this.#lines.next()).value)
  }

  async claimAll(): Promise<readonly string[]> {
    const exit = once(this.#child, 'exit')
    this.#child.stdin?.write('go\n')
    const outcomes: readonly string[] = JSON.parse(await this.line())
    await exit
    return outcomes
  }
}

describe('two processes on one Redis', () => {
  test('accept one of 500 simultaneous uses of a token', async () => {
    const server = await RedisServer.start()
    const harness = await Harness.open(server.settings)
    const { nowMs } = harness
    const task: Task = { settings: server.settings, use: harness.use('x'), nowMs, times: 250 }
    const claimers = [new Claimer(task), new Claimer(task)]
    for (const claimer of claimers) expect(await claimer.line()).toBe('ready')
    const outcomes = (await Promise.all(claimers.map((claimer) => claimer.claimAll()))).flat()
    expect(outcomes).toHaveLength(500)
    expect(outcomes.filter((outcome) => outcome === 'fresh')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'seen')).toHaveLength(499)
    await harness.replay.close()
    await server.stop()
  })

  test('see a revocation at the very next call', async () => {
    const server = await RedisServer.start()
    const [one, other] = [await Harness.open(server.settings), await Harness.open(server.settings)]
    expect(await other.claim(other.use('1'))).toBe('fresh')
    await one.replay.revocations.revoke('agent://alice', one.nowMs)
    expect(await other.claim(other.use('2'))).toBe('revoked')
    await Promise.all([one.replay.close(), other.replay.close()])
    await server.stop()
  })
})
