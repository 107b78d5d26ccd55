import { silentLog } from '../../../lib/ports/log.ts'
import { OperatorLog } from '../../../plugins/oathmesh/operator-log.ts'
import { fakeKong } from '../../../testkit/fake-kong.ts'
import { pluginHandler } from '../../../testkit/plugin-handler.ts'

/** What one event takes along to Kong's log. */
function sent(log: OperatorLog): readonly string[] {
  const kong = fakeKong()
  log.send(kong)
  return kong.calls.map(([method, text]) => `${method}: ${String(text)}`)
}

describe('the operator’s log', () => {
  test('takes warnings and errors to Kong’s log once, with the next event', () => {
    const log = new OperatorLog(silentLog)
    log.info('policy loaded')
    log.warn('keys could not be fetched', { url: 'https://a' })
    log.error('Redis cannot be used')
    expect(sent(log)).toEqual([
      'log.warn: keys could not be fetched url="https://a"',
      'log.err: Redis cannot be used',
    ])
    expect(sent(log)).toEqual([])
  })

  test('writes each of them at once where it did before', () => {
    const before = { info: jest.fn(), warn: jest.fn(), error: jest.fn() }
    const log = new OperatorLog(before)
    log.info('one')
    log.warn('two', { a: 1 })
    log.error('three')
    expect(before.info).toHaveBeenCalledWith('one', undefined)
    expect(before.warn).toHaveBeenCalledWith('two', { a: 1 })
    expect(before.error).toHaveBeenCalledWith('three', undefined)
  })

  test('counts what is repeated', () => {
    const log = new OperatorLog(silentLog)
    for (let at = 0; at < 1000; at++) log.warn('again')
    log.error('again')
    expect(sent(log)).toEqual(['log.warn: again (1000 times)', 'log.err: again'])
  })

  test('is bounded, says what it has left out, and gives a few lines to each event', () => {
    const log = new OperatorLog(silentLog)
    for (let at = 0; at < 1000; at++) log.warn(`fault ${at}`)
    const events: (readonly string[])[] = []
    for (let lines = sent(log); lines.length > 0; lines = sent(log)) events.push(lines)
    expect(Math.max(...events.map(({ length }) => length))).toBeLessThanOrEqual(5)
    const all = events.flat()
    expect(all.length).toBeLessThan(50)
    expect(all[0]).toBe('log.warn: fault 0')
    const left = Number(/(\d+) more lines/.exec(all.at(-1) ?? '')?.[1])
    expect(left + all.length - 1).toBe(1000)
  })

  test('shows nothing that acts on a terminal or ends a line', () => {
    const log = new OperatorLog(silentLog)
    log.warn('name', { told: 'a\nb\u001b[31m\u202e' })
    expect(sent(log)[0]).toMatch(/^[ -~]+$/)
  })

  test('travels with the answer, whatever it is', async () => {
    const error = jest.fn()
    const handler = pluginHandler(
      { consumer: { by: 'subject' }, anonymous: 'nobody' },
      { ...silentLog, error },
    )
    const kong = fakeKong()
    await handler.access(kong)
    expect(kong.turns.at(-1)).toEqual(['log.err', 'log.notice', 'response.exit'])
    const next = fakeKong({ consumers: { nobody: { id: 'c-0' } } })
    await handler.access(next)
    expect(next.turns.at(-1)).not.toContain('log.err')
  })
})
