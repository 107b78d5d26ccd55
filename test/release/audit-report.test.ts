import { readAuditReport } from '../../release/audit-report.ts'

const report = (vulnerabilities: object) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities })

describe('the report of npm audit', () => {
  test('is clean with no vulnerability, and with lesser ones', () => {
    expect(readAuditReport(report({}))).toEqual({ outcome: 'clean', lesser: 0 })
    const lesser = { a: { severity: 'moderate' }, b: { severity: 'low' }, c: { severity: 'info' } }
    expect(readAuditReport(report(lesser))).toEqual({ outcome: 'clean', lesser: 3 })
  })

  test.each(['high', 'critical'])('is not with one that is %s', (severity) => {
    const found = { a: { severity: 'low' }, tar: { severity } }
    expect(readAuditReport(report(found))).toEqual({
      outcome: 'vulnerable',
      findings: [`tar: ${severity}`],
    })
  })

  test.each([
    ['an error of the registry', '{"message":"405 - POST https://u:pw@registry.example/-/npm/v1"}'],
    ['nothing at all', ''],
    ['no JSON', '<html>'],
    ['no object', '[1]'],
    ['no map of vulnerabilities', '{"vulnerabilities": null}'],
  ])('is none in %s, and shows no address', (_, output) => {
    const read = readAuditReport(output)
    expect(read.outcome).toBe('unreachable')
    expect(JSON.stringify(read)).not.toMatch(/pw|:\/\//)
  })
})
