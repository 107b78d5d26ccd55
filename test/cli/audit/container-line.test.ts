import { unwrapLine } from '../../../cli/audit/container-line.ts'
import { LogLines } from '../../../cli/audit/log-lines.ts'
import { readAuditLine } from '../../../cli/audit/read-audit-line.ts'
import { auditLine, kongLine, PLUGIN } from './lines.ts'

const LINE = auditLine()
const TIME = '2026-11-24T03:09:03.123456789Z'
const docker = (log: string, more: object = {}) =>
  JSON.stringify({ log, stream: 'stdout', time: TIME, ...more })
const journal = (message: unknown) =>
  JSON.stringify({
    __CURSOR: 's=1;i=2',
    __REALTIME_TIMESTAMP: '1795489743123456',
    _BOOT_ID: 'b7f0',
    SYSLOG_IDENTIFIER: 'kong',
    MESSAGE: message,
  })

describe('a line out of a container', () => {
  describe.each([
    ['of an audit file', LINE],
    ["of Kong's error log", kongLine(PLUGIN + LINE)],
  ])('%s', (_, inner) => {
    test.each([
      ['docker compose logs', `kong-1  | ${inner}`],
      ['docker compose logs --timestamps', `kong-1  | ${TIME} ${inner}`],
      ['docker logs --timestamps', `${TIME} ${inner}`],
      ['kubectl logs --prefix', `[pod/kong-7d9/proxy] ${inner}`],
      ['kubectl logs --prefix --timestamps', `[pod/kong-7d9/proxy] ${TIME} ${inner}`],
      ['CRI', `${TIME} stdout F ${inner}`],
      ['CRI with an offset', `2026-11-24T04:09:03.1+01:00 stderr F ${inner}`],
      ['CRI with tags', `${TIME} stdout F:tag ${inner}`],
      ['docker json-file', docker(`${inner}\n`)],
      ['docker json-file with labels', docker(`${inner}\r\n`, { attrs: { tag: 'kong' } })],
      ['journalctl -o json', journal(inner)],
      ['journalctl -o json, as bytes', journal([...Buffer.from(inner)])],
    ])('is read from %s', (_, line) => {
      expect(readAuditLine(new LogLines().take(line) ?? '')).toMatchObject({ step: 13 })
    })
  })

  test.each([
    ['two prefixes', `kong-1  | kong-1  | ${LINE}`],
    ['a prefix in the middle', `x kong-1  | ${LINE}`],
    ['a prefix without its bar', `kong-1 ${LINE}`],
    ['a prefix with another character', `kong/1  | ${LINE}`],
    ['CRI without a stream', `${TIME} F ${LINE}`],
    ['CRI in a compose prefix', `kong-1  | x ${TIME} stdout F ${LINE}`],
    ['a day that is none', `2026-11-24 03:09:03 stdout F ${LINE}`],
    ['docker with a member of somebody else', docker(`${LINE}\n`, { user: 'x' })],
    ['docker without its time', JSON.stringify({ log: `${LINE}\n`, stream: 'stdout' })],
    ['docker of another stream', JSON.stringify({ log: `${LINE}\n`, stream: 'x', time: TIME })],
    ['a program that logs JSON with a message', JSON.stringify({ level: 'info', MESSAGE: LINE })],
    ['a journal record within a docker record', docker(`${journal(LINE)}\n`)],
    ['a message that is a list of texts', journal([LINE])],
    ['what a caller has put into another line', `kong-1  | GET /?${LINE}`],
    ['docker with a member twice', docker(`${LINE}\n`).replace('{', '{"log":"x",')],
    ['a journal record with a member twice', journal(LINE).replace('{', '{"MESSAGE":"x",')],
    ['two lines in one docker record', docker(`x\n${LINE}\n`)],
    ['two lines in one journal record', journal(`x\n${LINE}`)],
  ])('is not taken out of %s', (_, line) => {
    expect(typeof readAuditLine(new LogLines().take(line) ?? '')).toBe('string')
  })

  test('is put together where the runtime has cut it', () => {
    const [head, tail] = [LINE.slice(0, 40), LINE.slice(40)]
    for (const pieces of [
      [`${TIME} stdout P ${head}`, `${TIME} stdout F ${tail}`],
      [docker(head), docker(`${tail}\n`)],
    ]) {
      const lines = new LogLines()
      const [first = '', second = ''] = pieces
      expect(lines.take(first)).toBeUndefined()
      expect(lines.take(second)).toBe(LINE)
    }
  })

  const cut = (stream: string, text: string) => ({
    cri: `${TIME} ${stream} P ${text}`,
    docker: docker(text, { stream }),
  })
  const ended = (stream: string, text: string) => ({
    cri: `${TIME} ${stream} F ${text}`,
    docker: docker(`${text}\n`, { stream }),
  })
  const taken = (pieces: readonly string[]) => {
    const lines = new LogLines()
    return pieces.flatMap((piece) => lines.take(piece) ?? [])
  }

  describe.each(['cri', 'docker'] as const)('of two streams, from %s', (runtime) => {
    test('is not lost between the pieces of another stream’s line', () => {
      const pieces = [cut('stdout', 'GET /'), ended('stderr', LINE), ended('stdout', 'a')]
      expect(taken(pieces.map((piece) => piece[runtime]))).toEqual([LINE, 'GET /a'])
    })

    test('is put together although another stream cuts in', () => {
      const [head, tail] = [LINE.slice(0, 40), LINE.slice(40)]
      const pieces = [cut('stderr', head), ended('stdout', 'x'), ended('stderr', tail)]
      expect(taken(pieces.map((piece) => piece[runtime]))).toEqual(['x', LINE])
    })

    test('is not made of pieces of both', () => {
      const pieces = [cut('stdout', PLUGIN), ended('stderr', LINE.slice(1)), ended('stdout', LINE)]
      expect(taken(pieces.map((piece) => piece[runtime]))).toEqual([LINE.slice(1), PLUGIN + LINE])
    })

    test('is not found further back in an overlong one', () => {
      const filler = Array.from({ length: 20 }, () => cut('stdout', 'x'.repeat(16_384)))
      const pieces = [...filler, cut('stdout', LINE), ended('stdout', ''), ended('stdout', LINE)]
      const [overlong, next, ...others] = taken(pieces.map((piece) => piece[runtime]))
      expect([overlong?.includes('ts'), next, others]).toEqual([false, LINE, []])
    })
  })

  test('is not lost behind a line that has been cut, where nothing is wrapped around it', () => {
    expect(taken([docker('GET /aaa'), LINE])).toEqual([LINE])
  })

  test('gives all that was never completed', () => {
    const lines = new LogLines()
    for (const piece of [cut('stdout', 'a'), cut('stderr', 'b')]) lines.take(piece.cri)
    expect([lines.end(), lines.end(), lines.end()]).toEqual(['a', 'b', undefined])
  })

  test('is kept to a bound when it never ends', () => {
    const lines = new LogLines()
    let longest = 0
    for (let at = 0; at < 64; at++) {
      const line = lines.take(`${TIME} stdout P ${'x'.repeat(16_384)}`)
      longest = Math.max(longest, line?.length ?? 0)
    }
    expect(longest).toBeLessThan(160 * 1024)
    expect((lines.end() ?? '').length).toBeLessThan(160 * 1024)
  })

  test('is itself where nothing is wrapped around it', () => {
    expect(unwrapLine(LINE)).toBeUndefined()
    expect(unwrapLine('{"ts":"x"}')).toBeUndefined()
  })
})
