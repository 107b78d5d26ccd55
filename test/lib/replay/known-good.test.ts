import { KnownGood } from '../../../lib/replay/known-good.ts'
import { NOW, tokenUse } from './token-use.ts'

describe('the known-good window', () => {
  test('lasts from the first verification on and is not renewed', () => {
    const knownGood = new KnownGood(10)
    expect(knownGood.add(tokenUse(), NOW)).toBe(true)
    expect(knownGood.add(tokenUse(), NOW + 50)).toBe(false)
    expect(knownGood.has(tokenUse(), NOW + 59.9, 60)).toBe(true)
    expect(knownGood.has(tokenUse(), NOW + 60, 60)).toBe(false)
  })

  test('is not renewed by being used', () => {
    const knownGood = new KnownGood(10)
    knownGood.add(tokenUse(), NOW)
    for (let age = 0; age < 60; age += 10)
      expect(knownGood.has(tokenUse(), NOW + age, 60)).toBe(true)
    expect(knownGood.has(tokenUse(), NOW + 61, 60)).toBe(false)
  })

  test('is shut when it is zero seconds long', () => {
    const knownGood = new KnownGood(10)
    knownGood.add(tokenUse(), NOW)
    expect(knownGood.has(tokenUse(), NOW, 0)).toBe(false)
  })

  test('is shut after a clock has been set back', () => {
    const knownGood = new KnownGood(10)
    knownGood.add(tokenUse(), NOW)
    expect(knownGood.has(tokenUse(), NOW - 1, 60)).toBe(false)
  })

  test.each([
    ['another token with the same id', { token: 'header.payload.other' }],
    ['the same token for another audience or entity', { realm: 'https://other.test\nentity' }],
  ])('does not cover %s', (_, overrides) => {
    const knownGood = new KnownGood(10)
    knownGood.add(tokenUse(), NOW)
    expect(knownGood.has(tokenUse(overrides), NOW, 60)).toBe(false)
  })

  test('forgets the oldest when it is full', () => {
    const knownGood = new KnownGood(3)
    const tokens = ['a', 'b', 'c', 'd'].map((token) => tokenUse({ token }))
    for (const use of tokens) knownGood.add(use, NOW)
    expect(tokens.map((use) => knownGood.has(use, NOW, 60))).toEqual([false, true, true, true])
    expect(knownGood.size).toBe(3)
  })
})
