import { compare } from './compare.ts'

// `npm run test:signatures` asks about a million.
const SAMPLES = 3000

test('node:crypto, libsodium and jose give one verdict on every kind of signature', async () => {
  const { differences, byKind, accepted, keysRefused, smallOrder } = await compare(SAMPLES, 7)
  expect(differences).toEqual([])
  // None of it for lack of cases.
  expect(Object.keys(byKind)).toHaveLength(16)
  expect(Math.min(...Object.values(byKind))).toBeGreaterThan(SAMPLES / 32)
  expect(accepted).toBeGreaterThan(SAMPLES / 32)
  expect(accepted).toBeLessThan(SAMPLES / 4)
  expect(keysRefused).toBeGreaterThan(SAMPLES / 100)
  expect(smallOrder).toBeGreaterThan(SAMPLES / 32)
})
