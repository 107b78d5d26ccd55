import { RevokedSubjects } from '../../../lib/revocation/revoked-subjects.ts'

const NOW = 1_774_911_120

describe('the snapshot of revoked subjects', () => {
  test('keeps a finding for a minute after the last answer', () => {
    const revoked = new RevokedSubjects()
    expect(revoked.learn('agent://alice', true, NOW)).toBe(true)
    expect(revoked.has('agent://alice', NOW + 59)).toBe(true)
    revoked.learn('agent://alice', true, NOW + 30)
    expect(revoked.has('agent://alice', NOW + 89)).toBe(true)
    expect(revoked.has('agent://alice', NOW + 90)).toBe(false)
  })

  test('keeps no finding to the contrary', () => {
    const revoked = new RevokedSubjects()
    revoked.learn('agent://alice', true, NOW)
    expect(revoked.learn('agent://alice', false, NOW + 1)).toBe(false)
    expect(revoked.has('agent://alice', NOW + 1)).toBe(false)
  })

  test('compares subjects exactly', () => {
    const revoked = new RevokedSubjects()
    revoked.learn('agent://alice', true, NOW)
    expect(revoked.has('agent://alice/x', NOW)).toBe(false)
    expect(revoked.has('agent://Alice', NOW)).toBe(false)
  })

  test('survives a clock that is set back', () => {
    const revoked = new RevokedSubjects()
    revoked.learn('agent://alice', true, NOW)
    expect(revoked.has('agent://alice', NOW - 5)).toBe(true)
  })
})
