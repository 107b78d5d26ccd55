import { KnownGood } from '../../../lib/replay/known-good.ts'
import { tokenUse } from './token-use.ts'

describe('the known-good window', () => {
  let elapsedMs: number
  let knownGood: KnownGood

  beforeEach(() => {
    elapsedMs = 1_000_000
    knownGood = new KnownGood({ maxEntries: 3, stopwatch: () => elapsedMs })
  })

  test('lasts from the first verification on and is not renewed', () => {
    expect(knownGood.add(tokenUse())).toBe(true)
    elapsedMs += 50_000
    expect(knownGood.add(tokenUse())).toBe(false)
    elapsedMs += 9999
    expect(knownGood.has(tokenUse(), 60)).toBe(true)
    elapsedMs += 1
    expect(knownGood.has(tokenUse(), 60)).toBe(false)
  })

  test('is not renewed by being used', () => {
    knownGood.add(tokenUse())
    for (let age = 0; age < 60; age += 10) {
      expect(knownGood.has(tokenUse(), 60)).toBe(true)
      elapsedMs += 10_000
    }
    expect(knownGood.has(tokenUse(), 60)).toBe(false)
  })

  test('is shut when it is zero seconds long', () => {
    knownGood.add(tokenUse())
    expect(knownGood.has(tokenUse(), 0)).toBe(false)
  })

  test('is shut for good by a strike, and the token stays known', () => {
    knownGood.add(tokenUse())
    knownGood.strike(tokenUse())
    expect(knownGood.has(tokenUse(), 60)).toBe(false)
    expect(knownGood.add(tokenUse())).toBe(false)
    expect(knownGood.has(tokenUse(), 60)).toBe(false)
  })

  test('is not opened by a strike, nor after one: the token has been used', () => {
    knownGood.strike(tokenUse())
    expect(knownGood.has(tokenUse(), 60)).toBe(false)
    expect(knownGood.add(tokenUse())).toBe(false)
    expect(knownGood.has(tokenUse(), 60)).toBe(false)
  })

  test.each([
    ['another token with the same id', { token: 'header.payload.other' }],
    ['the same token for another audience or entity', { realm: 'https://other.test\nentity' }],
  ])('does not cover %s', (_, overrides) => {
    knownGood.add(tokenUse())
    expect(knownGood.has(tokenUse(overrides), 60)).toBe(false)
  })

  test('forgets the oldest when it is full', () => {
    const tokens = ['a', 'b', 'c', 'd'].map((token) => tokenUse({ token }))
    for (const use of tokens) knownGood.add(use)
    expect(tokens.map((use) => knownGood.has(use, 60))).toEqual([false, true, true, true])
    expect(knownGood.size).toBe(3)
  })
})
