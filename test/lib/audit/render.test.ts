import fc from 'fast-check'
import { renderAuditLine } from '../../../lib/audit/render.ts'

describe('renderAuditLine', () => {
  test('leaves out what is absent', () => {
    expect(renderAuditLine({ event: 'deny', step: undefined, reason: 'expired' })).toBe(
      '{"event":"deny","reason":"expired"}',
    )
  })

  test('is one line of JSON under the limit of a log line, whatever the values', () => {
    const value = fc.string({ unit: 'binary', maxLength: 2000 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 12, maxLength: 24 }), (values) => {
        const event = Object.fromEntries(values.map((text, index) => [`f${index}`, text]))
        const line = renderAuditLine(event)
        expect(Buffer.byteLength(line)).toBeLessThan(4000)
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(Object.keys(JSON.parse(line) as object)).toEqual(Object.keys(event))
      }),
    )
  })

  test('escapes what a terminal or a line reader would act upon', () => {
    const sub = 'a\n{"event":"allow"}\r\u001b[2J\u007f\u0085\u2028\u202e\ufeff'
    expect(renderAuditLine({ sub })).toBe(
      '{"sub":"a\\n{\\"event\\":\\"allow\\"}\\r\\u001b[2J\\u007f\\u0085\\u2028\\u202e\\ufeff"}',
    )
  })

  test('bounds a long value and keeps the others', () => {
    const line = JSON.parse(renderAuditLine({ act: 'x'.repeat(5000), jti: 'id' })) as {
      act: string
      jti: string
    }
    expect(line.act).toBe(`${'x'.repeat(279)}…`)
    expect(line.jti).toBe('id')
  })

  test('keeps the longest honest subject whole', () => {
    const sub = `agent://${'s'.repeat(256)}`
    expect(JSON.parse(renderAuditLine({ sub }))).toEqual({ sub })
  })
})
