import { readAuditLine } from '../../cli/audit/read-audit-line.ts'
import { API, BILLING_TOKEN, basic, MemoryRevocations, TestIssuer } from './fixture.ts'

describe('the audit lines of an issuer', () => {
  test('are such as oathmesh audit reads, whatever callers write', async () => {
    const rules = [{ callers: ['client:billing'], subjects: ['svc://*'] }]
    const issuer = await TestIssuer.start(
      { revocation: { rules, readers: [] } },
      { revocations: new MemoryRevocations() },
    )
    await issuer.mint(basic(), BILLING_TOKEN)
    await issuer.mint(basic(), { ...BILLING_TOKEN, act: 'a"}\\{"ts":"' })
    await issuer.mint(basic(), { ...BILLING_TOKEN, aud: 'https://é.example/\u{1f600}' })
    await issuer.mint(basic('billing', 'wrong'), BILLING_TOKEN)
    await issuer.mint('Basic ?', { aud: API })
    const body = '{"sub":"svc://acme/billing"}'
    await issuer.call('/v1/admin/revoke', { authorization: basic(), body })
    await issuer.call('/v1/admin/revoke', { authorization: basic(), body, method: 'DELETE' })
    await issuer.stop()
    const lines = issuer.audit.map((line) => JSON.stringify(line))
    expect(lines).toHaveLength(7)
    const read = lines.map((line) => readAuditLine(line))
    expect(read.map((record) => (typeof record === 'string' ? record : record.event))).toEqual([
      'mint',
      ...['refuse', 'refuse', 'refuse', 'refuse'],
      'revoke',
      'unrevoke',
    ])
    expect(read[0]).toMatchObject({ jti: expect.any(String), rule: 'billing' })
  })
})
