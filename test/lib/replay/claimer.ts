import { createInterface } from 'node:readline'
import type { RedisSettings } from '../../../lib/redis/redis-settings.ts'
import type { TokenUse } from '../../../lib/replay/replay-store.ts'
import { Harness } from './harness.ts'

/** What a process is to do: claim one use so many times at once. */
export interface Task {
  readonly settings: RedisSettings
  readonly use: TokenUse
  readonly nowMs: number
  readonly times: number
}

// One line in, `ready` out; another line in, the outcomes out.
const lines = createInterface(process.stdin)[Symbol.asyncIterator]()
const task: Task = JSON.parse(String((await lines.next()).value))
const harness = new Harness({ ...task.settings, timeoutMs: 2000 })
await harness.replay.open()
harness.nowMs = task.nowMs
process.stdout.write('ready\n')
await lines.next()
const outcomes = await Promise.all(
  Array.from({ length: task.times }, () => harness.claim(task.use)),
)
process.stdout.write(`${JSON.stringify(outcomes)}\n`)
await harness.replay.close()
process.exit()
