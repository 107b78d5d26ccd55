import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** PKCS#8 of an Ed25519 seed. RFC 8410, 7. */
function fromSeed(seedHex: string): KeyObject {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(seedHex, 'hex'),
  ])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/** Published keys: RFC 8032, 7.1, TEST 1 to 3. Nobody may trust them outside tests. */
export const KEYS = {
  trusted: {
    kid: 'issuer-key-2026-04-a3f1',
    privateKey: fromSeed('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
  },
  second: {
    kid: 'second-key',
    privateKey: fromSeed('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'),
  },
  stranger: {
    kid: 'issuer-key-2026-04-a3f1',
    privateKey: fromSeed('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'),
  },
} as const

/** The public half as a JWK set holds it. */
export function publicJwk({ kid, privateKey }: { kid: string; privateKey: KeyObject }): object {
  return { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' }
}
