import { silentLog } from '../../../../lib/ports/log.ts'
import { Notices } from '../../../../plugins/pluginserver/session/notices.ts'

const texts = (notices: Notices) => notices.take().map(({ Args: [text] }) => String(text))

describe('Notices', () => {
  test('count what repeats, and tell the newest of it', () => {
    const notices = new Notices()
    for (let time = 1; time <= 1000; time++) notices.add('warn', 'Redis is away', { time })
    expect(texts(notices)).toEqual(['[oathmesh-pluginserver] Redis is away time=1000 (1000 times)'])
    expect(texts(notices)).toEqual([])
  })

  test('are bounded, and say how many were lost', () => {
    const notices = new Notices()
    for (let line = 0; line < 100_000; line++) notices.add('err', `line ${line}`)
    const all: string[] = []
    for (let some = texts(notices); some.length > 0; some = texts(notices)) {
      expect(some.length).toBeLessThanOrEqual(5)
      all.push(...some)
    }
    expect(all).toHaveLength(65)
    expect(all.at(-1)).toMatch(/99936 more lines are on standard error only/)
  })

  test('carry nothing that could end a line, and no line that Kong would cut off', () => {
    const notices = new Notices()
    notices.add('warn', 'odd', { value: `a\n\u001b[31m\u202e${'x'.repeat(9000)}` })
    const [text = ''] = texts(notices)
    for (const bad of ['\n', '\u001b', '\u202e']) expect(text).not.toContain(bad)
    expect(text.length).toBeLessThan(4000)
  })

  test('are at the level of what was logged; information stays behind', () => {
    const notices = new Notices()
    const log = notices.tee(silentLog)
    log.info('i')
    log.warn('w', { a: 1 })
    log.error('e')
    expect(notices.take()).toEqual([
      { Method: 'kong.log.warn', Args: ['[oathmesh-pluginserver] w a=1'] },
      { Method: 'kong.log.err', Args: ['[oathmesh-pluginserver] e'] },
    ])
  })
})
