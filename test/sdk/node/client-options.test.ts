import { type ClientOptions, checkOptions } from '../../../sdk/node/client-options.ts'
import { KEYS } from '../../../testkit/keys.ts'

const GOOD: ClientOptions = {
  issuer: 'https://issuer.example',
  credential: 'secret',
  audience: 'https://api.example',
  action: 'items.read',
}
const without = ({ credential, ...rest }: ClientOptions): ClientOptions => rest

describe('the options of a client', () => {
  test('have defaults', () => {
    expect(checkOptions(GOOD)).toMatchObject({
      binding: 'off',
      prefetch: 0,
      ttlSeconds: 120,
      retries: 2,
      longestWaitMs: 10_000,
      timeoutMs: 5000,
    })
  })

  test.each<[string, Partial<ClientOptions>]>([
    ['issuer: must be a non-empty string', { issuer: '' }],
    ['audience: must be a non-empty string', { audience: '' }],
    ['action: must be a non-empty string', { action: '' }],
    ['give either key or credential', { key: KEYS.trusted, subject: 'svc://a' }],
    ['credential: must be a non-empty string or a function', { credential: '' }],
    ['subject: must be agent://', { subject: 'bob' }],
    ['ttlSeconds: must be a whole number from 1 to 300', { ttlSeconds: 301 }],
    ['retries: must be a whole number from 0 to 10', { retries: 1.5 }],
    ['prefetch: must be a whole number from 0 to 32', { prefetch: 33 }],
    ['prefetch: a token that is bound', { prefetch: 1, binding: 'strict' }],
    ['binding: must be one of off, body', { binding: 'none' as 'off' }],
  ])('are refused with "%s"', (message, change) => {
    expect(() => checkOptions({ ...GOOD, ...change })).toThrow(message)
  })

  test('need a key or a credential', () => {
    expect(() => checkOptions(without(GOOD))).toThrow('give either key or credential')
  })

  test('need a subject with a key, and a key that is one', () => {
    expect(() => checkOptions({ ...without(GOOD), key: 'x' })).toThrow('subject: needed with key')
    expect(() => checkOptions({ ...without(GOOD), key: 'x', subject: 'svc://a' })).toThrow(
      'key: not a private key in PEM',
    )
  })
})
