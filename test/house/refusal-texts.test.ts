import { ISSUER_REFUSALS } from '../../issuer/refusal.ts'
import { REFUSALS, type Reason } from '../../lib/denial.ts'

const told = ({ code, message, fix }: { code: string; message: string; fix: string }) =>
  JSON.stringify([code, message, fix])

/** Causes that an outsider must not tell apart: the operator reads the reason in the audit line. */
const ALIKE: readonly (readonly Reason[])[] = [
  ['issuer_unknown', 'kid_missing', 'kid_unknown', 'jwks_invalid'],
  ['segment_count', 'header_encoding', 'header_json', 'payload_encoding', 'payload_json'],
  ['replay_store_full', 'replay_store_unavailable'],
]

describe('what a refusal tells an outsider', () => {
  test.each(ALIKE)('is the same for %s and its like', (...reasons) => {
    expect(new Set(reasons.map((reason) => told(REFUSALS[reason]))).size).toBe(1)
  })

  test.each([...Object.entries(REFUSALS), ...Object.entries(ISSUER_REFUSALS)])(
    'is constant for %s: no place for a value, an address or an error',
    (_, refusal) => {
      expect(told(refusal)).not.toMatch(/\$\{|%s|\{\w+\}|\d+\.\d+\.\d+|ECONN|node:|\.ts\b/)
    },
  )

  test('names no policy rule, no subject and no key', () => {
    const texts = Object.values(REFUSALS).map(told).join('\n')
    expect(texts).not.toMatch(/agent:\/\/[a-z]+\/|rule "|kid "/)
  })
})
