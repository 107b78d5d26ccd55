import { RevokedSubjects } from '../../../lib/revocation/revoked-subjects.ts'

describe('the snapshot of revoked subjects', () => {
  let elapsedMs: number
  let revoked: RevokedSubjects

  beforeEach(() => {
    elapsedMs = 1_000_000
    revoked = new RevokedSubjects(() => elapsedMs)
  })

  test('keeps a finding for a minute after the last answer', () => {
    revoked.add('agent://alice')
    elapsedMs += 30_000
    revoked.add('agent://alice')
    elapsedMs += 59_999
    expect(revoked.has('agent://alice')).toBe(true)
    elapsedMs += 1
    expect(revoked.has('agent://alice')).toBe(false)
  })

  test('keeps no finding to the contrary', () => {
    revoked.add('agent://alice')
    revoked.remove('agent://alice')
    expect(revoked.has('agent://alice')).toBe(false)
  })

  test('keeps a hundred thousand, the latest', () => {
    for (let at = 0; at <= 100_000; at++) revoked.add(`agent://${at}`)
    expect(revoked.has('agent://0')).toBe(false)
    expect(revoked.has('agent://1')).toBe(true)
    expect(revoked.has('agent://100000')).toBe(true)
  })

  test('compares subjects exactly', () => {
    revoked.add('agent://alice')
    expect(revoked.has('agent://alice/x')).toBe(false)
    expect(revoked.has('agent://Alice')).toBe(false)
  })
})
