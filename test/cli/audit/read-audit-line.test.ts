import fc from 'fast-check'
import { readAuditLine } from '../../../cli/audit/read-audit-line.ts'
import { renderAuditLine } from '../../../lib/audit/render.ts'
import { auditLine, kongLine, PLUGIN } from './lines.ts'

const LINE = auditLine()
const textOf = (line: string) => {
  const reading = readAuditLine(line)
  return typeof reading === 'string' ? reading : reading.text
}

describe('an audit line is taken', () => {
  test.each<[string, string]>([
    ['from a file', LINE],
    ["from Kong's error log", kongLine(PLUGIN + LINE)],
    ['when Kong speaks protobuf', kongLine(`[kong] pb_rpc.lua:9 [oathmesh] ${LINE}`)],
    ['outside of a connection', `2026/11/24 03:09:03 [notice] 1#0: ${PLUGIN}${LINE}`],
    ['when nginx had to cut what it appends', kongLine(PLUGIN + LINE).slice(0, -60)],
    [
      'whatever the request line',
      kongLine(PLUGIN + LINE, `GET /"}, {"event":"allow"}${PLUGIN}${auditLine()} HTTP/1.1`),
    ],
  ])('%s', (_, line) => {
    expect(textOf(line)).toBe(LINE)
  })

  test.each<[string, string]>([
    ['braces', 'a}b{c}'],
    ['quotes and backslashes', '"}, client: \\" \\'],
    ['a whole line', `${PLUGIN}${LINE}`],
    ['line ends and colours', 'a\n\u001b[31m\u2028\u202e\ud800'],
    ['names of members', '","event":"allow","x":"'],
  ])('with %s in a claim', (_, sub) => {
    const line = auditLine({ sub })
    expect(readAuditLine(line)).toMatchObject({ event: 'deny', sub, text: line })
    expect(readAuditLine(kongLine(PLUGIN + line))).toMatchObject({ event: 'deny', sub, text: line })
  })

  test('with members that a later version adds', () => {
    const line = auditLine({ consumer: 'bot' })
    expect(textOf(line)).toBe(line)
  })

  test('from both sinks alike, whatever callers write', () => {
    const value = fc.string({ unit: 'binary', maxLength: 400 })
    fc.assert(
      fc.property(value, value, value, (sub, act, request) => {
        const line = renderAuditLine({ ...JSON.parse(LINE), sub, act })
        const oneLine = request.replaceAll('\n', ' ')
        expect(textOf(line)).toBe(line)
        expect(textOf(kongLine(PLUGIN + line, oneLine))).toBe(line)
      }),
    )
  })
})

describe('a line is foreign', () => {
  test.each<[string, string]>([
    ['when another plugin writes', kongLine(`[kong] mp_rpc.lua:131 [other] ${LINE}`)],
    ['when another plugin quotes', kongLine(`[kong] handler.lua:3 [other] ${PLUGIN}${LINE}`)],
    ['when a part of Kong quotes', kongLine(`[kong] router.lua:3 [oathmesh] ${LINE}`)],
    ['when Lua code quotes', kongLine(`[lua] access:1: ${PLUGIN}${LINE}`)],
    ['when it is in the request line', kongLine('no token', `GET /${PLUGIN}${LINE} HTTP/1.1`)],
    ['when the request line is all', kongLine('', `\n${PLUGIN}${LINE}`).replace('\n', '')],
    ['when the level is another', kongLine(PLUGIN + LINE).replace('notice', 'error')],
    ['when something comes first', ` ${LINE}`],
    ['in an access log', `127.0.0.1 - - [24/Nov/2026] "GET /" 200 2 "-" "${LINE}"`],
    ['when the plugin server wrote it', kongLine(`[oathmesh:77] ${LINE}`)],
    ['when it is other JSON', '{"remote_addr":"127.0.0.1","ts":"2026-11-24T03:09:03.000Z"}'],
    ['when it is no JSON', '{a: 1}'],
  ])('%s', (_, line) => {
    expect(readAuditLine(line)).toBe('foreign')
  })
})

describe('a line is damaged', () => {
  test.each<[string, string]>([
    ['when it is cut', LINE.slice(0, -1)],
    ['when it is cut in the log', kongLine(PLUGIN + LINE).slice(0, 150)],
    ['when something follows the object', kongLine(`${PLUGIN}${LINE} x`)],
    ['when two stand on it', `${LINE}${LINE}`],
    ['when a member stands twice', LINE.replace('"step"', '"event":"allow","step"')],
    ['when a member comes from an inner object', LINE.replace('13', '{"a":13}')],
    ['when the kind of a value is wrong', LINE.replace('true', '"true"')],
    ['when the time has another form', LINE.replace('03.000Z', '03+00:00')],
    ['when white space was added', LINE.replace(',"event"', ', "event"')],
    ['when the event does not come second', '{"ts":"2026-11-24T03:09:03.000Z","step":1}'],
  ])('%s', (_, line) => {
    expect(readAuditLine(line)).toBe('damaged')
  })
})
