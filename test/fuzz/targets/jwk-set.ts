import { parseJwkSet } from '../../../lib/keys/jwk-set.ts'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'
import { type FuzzTarget, holds, text, unlessStated } from '../fuzz-target.ts'

/** The published keys of an issuer: usable Ed25519 keys with an id, or a fault in words. */
export const jwkSet: FuzzTarget = {
  name: 'jwk-set',
  seeds: [
    { keys: [publicJwk(KEYS.trusted), publicJwk(KEYS.second)] },
    { keys: [] },
    { keys: [{ kty: 'RSA', kid: 'r', n: 'AQAB', e: 'AQAB' }, publicJwk(KEYS.trusted)] },
    { keys: [{ ...publicJwk(KEYS.trusted), d: 'AAAA' }] },
    { keys: [{ ...publicJwk(KEYS.trusted), key_ops: ['verify'] }, null, 7, []] },
  ].map(text),
  dictionary: ['"keys":', '"kid":', '"x":', '"kty":"OKP"', '{}', '[]', 'null', '"d":"A"', 'AAAA'],
  check(input) {
    const set = unlessStated(() => parseJwkSet(input), TypeError)
    for (const [kid, lookup] of set?.keys ?? []) {
      holds(kid !== '' && kid.length <= 256, 'an id of unbounded length')
      holds(lookup.found === 'key' && lookup.key.key.asymmetricKeyType === 'ed25519', 'no key')
      holds(lookup.key.key.type === 'public', 'a private key')
    }
    for (const line of set?.dropped ?? []) holds(line.length < 300, 'a line of unbounded length')
  },
}
