import { readAuditLine } from '../../../cli/audit/read-audit-line.ts'
import { type FuzzTarget, holds, text } from '../fuzz-target.ts'

const LINE =
  '{"ts":"2026-11-24T03:09:04.000Z","event":"deny","step":13,"reason":"jti_replay","sub":"svc://a","us":412}'
const KONG =
  '2026/11/24 03:09:04 [notice] 1#0: *1 [kong] pb_rpc.lua:110 [oathmesh] ' +
  `${LINE}, client: 127.0.0.1, server: kong, request: "GET /{\\"ts\\":1} HTTP/1.1", host: "a"`

/** A line of a log: foreign, damaged, or a record in which no character acts on a terminal. */
export const auditLine: FuzzTarget = {
  name: 'audit-line',
  seeds: [LINE, KONG, `${LINE} `, '{"ts":', 'hello', ''].map(text),
  dictionary: [
    '{"ts":"',
    '"event":',
    '}',
    '"',
    '\\"',
    '\\u001b',
    '\x1b[31m',
    ', client',
    '\xe2\x80\xae',
  ],
  check(input) {
    const reading = readAuditLine(input.toString())
    if (typeof reading === 'string') return
    holds(!/[\p{Cc}\p{Cf}]/u.test(reading.text), 'a character that acts')
    holds(typeof JSON.parse(reading.text) === 'object', 'no object')
  },
}
