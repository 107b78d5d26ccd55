import { PassThrough } from 'node:stream'
import { auditCommand } from '../../../cli/audit/audit-command.ts'
import { type OutputState, outputReady } from '../../../cli/terminal/output-ready.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { auditLine } from '../audit/lines.ts'
import { fakeIo } from '../fake-io.ts'

describe('outputReady', () => {
  test('is ready while nothing waits', async () => {
    expect(await outputReady(new PassThrough())).toBe('ready')
  })

  test('waits for a slow reader', async () => {
    const stream = new PassThrough({ highWaterMark: 4 })
    stream.write('12345')
    const ready = outputReady(stream)
    stream.resume()
    expect(await ready).toBe('ready')
    expect([stream.listenerCount('drain'), stream.listenerCount('close')]).toEqual([0, 0])
  })

  test('says when the reader leaves, and that it has left', async () => {
    const stream = new PassThrough({ highWaterMark: 4 })
    stream.write('12345')
    const ready = outputReady(stream)
    stream.destroy()
    expect(await ready).toBe('gone')
    expect(await outputReady(stream)).toBe('gone')
  })
})

describe('oathmesh audit', () => {
  test.each<[OutputState, number]>([
    ['ready', 3],
    ['gone', 1],
  ])('when a full output is %s, writes %i of three batches', async (state, batches) => {
    const io = fakeIo()
    const writes: string[] = []
    const full = {
      ...io,
      stdin: (async function* () {
        for (let piece = 0; piece < 3; piece++) yield `${auditLine()}\n`
      })(),
      stdout: { color: false, write: (text: string) => writes.push(text) < 0 },
    }
    const command = auditCommand(full, { now: () => 0 }, () => Promise.resolve(state))
    await runCli(command, [], full)
    expect(writes).toHaveLength(batches)
    expect(io.written.exitCode).toBe(0)
  })
})
