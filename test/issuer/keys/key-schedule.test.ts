import { KeySchedule } from '../../../issuer/keys/key-schedule.ts'
import { issuerKey, NOW } from '../fixture.ts'

describe('KeySchedule', () => {
  const old = issuerKey('trusted')
  const next = issuerKey('second', NOW + 70)
  const schedule = new KeySchedule([next, old], 60)
  const states = (now: number) => schedule.states(now).map(({ state }) => state)
  const published = (now: number) => schedule.published(now).map(({ kid }) => kid)

  test.each([
    ['before', NOW, ['signing', 'pending'], [old.kid, next.kid], old.kid],
    [
      'a moment before the activation',
      NOW + 69.999,
      ['signing', 'pending'],
      [old.kid, next.kid],
      old.kid,
    ],
    ['at the activation', NOW + 70, ['retiring', 'signing'], [old.kid, next.kid], next.kid],
    [
      'until nothing it signed is accepted',
      NOW + 70 + 419,
      ['retiring', 'signing'],
      [old.kid, next.kid],
      next.kid,
    ],
    ['after 300 + 60 + 60 seconds', NOW + 70 + 420, ['retired', 'signing'], [next.kid], next.kid],
  ])('%s', (_, now, expected, kids, signing) => {
    expect(states(now)).toEqual(expected)
    expect(published(now)).toEqual(kids)
    expect(schedule.signing(now)?.kid).toBe(signing)
  })

  test('does not depend on the order of the files', () => {
    const same = [issuerKey('trusted', NOW), issuerKey('second', NOW)]
    const one = new KeySchedule(same, 60)
    const other = new KeySchedule(same.toReversed(), 60)
    expect(one.signing(NOW)?.kid).toBe(other.signing(NOW)?.kid)
    expect(one.states(NOW)).toEqual(other.states(NOW))
  })

  test('without keys signs and publishes nothing', () => {
    const empty = new KeySchedule([], 60)
    expect([empty.signing(NOW), empty.published(NOW)]).toEqual([undefined, []])
  })

  test('publishes nothing private', () => {
    expect(Object.keys(schedule.published(NOW)[0] ?? {}).toSorted()).toEqual([
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
    ])
  })
})
