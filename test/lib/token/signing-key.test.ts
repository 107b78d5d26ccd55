import { generateKeyPairSync } from 'node:crypto'
import { publicJwk, readSigningKey } from '../../../lib/token/signing-key.ts'
import { KEYS } from '../../../testkit/keys.ts'

const pem = KEYS.trusted.privateKey.export({ type: 'pkcs8', format: 'pem' })

describe('a signing key', () => {
  test('is named by its thumbprint, as RFC 8037 A.3 computes it', () => {
    // The key of RFC 8037 is the one of RFC 8032, TEST 1.
    expect(readSigningKey(pem).kid).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  })

  test('keeps another name that it is given', () => {
    expect(readSigningKey(pem, 'old-name').kid).toBe('old-name')
  })

  test('publishes its public half alone', () => {
    expect(publicJwk(readSigningKey(pem))).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      use: 'sig',
      alg: 'EdDSA',
    })
  })

  test.each([
    ['text', 'secret', 'not a private key in PEM'],
    ['a public key', generateKeyPairSync('ed25519').publicKey, 'not a private key in PEM'],
    ['a key of another kind', generateKeyPairSync('x25519').privateKey, 'not an Ed25519 key'],
  ])('is never %s', (_, key, message) => {
    const type = typeof key !== 'string' && key.type === 'public' ? 'spki' : 'pkcs8'
    const text = typeof key === 'string' ? key : key.export({ type, format: 'pem' })
    expect(() => readSigningKey(text)).toThrow(new TypeError(message))
  })
})
