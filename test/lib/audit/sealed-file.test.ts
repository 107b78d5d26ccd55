import { ChainCheck } from '../../../lib/audit/chain-check.ts'
import { SealedFile } from '../../../lib/audit/sealed-file.ts'

const key = Buffer.alloc(32, 1)

function sealed(): { file: SealedFile; lines: string[]; events: () => unknown[] } {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  const file = new SealedFile({ sink, key, clock: { now: () => 0 } })
  return { file, lines, events: () => lines.map((line) => JSON.parse(line).event) }
}

describe('a sealed file', () => {
  const before = process.listenerCount('SIGTERM') + process.listenerCount('exit')

  test('says that it starts, how far it has come, and that it ends', () => {
    const { file, lines, events } = sealed()
    file.write({ event: 'allow', ts: '1970-01-01T00:00:00.000Z' })
    file.checkpoint()
    file.close()
    expect(events()).toEqual(['chain_start', 'allow', 'chain_checkpoint', 'chain_stop'])
    const check = new ChainCheck(key)
    expect(lines.map((line) => check.take(line))).toEqual(lines.map(() => undefined))
    expect(check.chains).toMatchObject([{ lines: 4, stopped: true }])
  })

  test('ends once: what would follow the end is not said', () => {
    const { file, events } = sealed()
    file.close()
    file.close()
    file.checkpoint()
    expect(events()).toEqual(['chain_start', 'chain_stop'])
  })

  test('leaves the process and its signals to the host', () => {
    sealed()
    expect(process.listenerCount('SIGTERM') + process.listenerCount('exit')).toBe(before)
  })
})
