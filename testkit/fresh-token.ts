import { randomUUID } from 'node:crypto'
import type { Claims } from '../lib/index.ts'
import { mint, type SigningKey } from '../lib/token/mint.ts'
import { KEYS } from './keys.ts'

/** A token for the base configuration of the vectors, minted now. */
export function freshToken(claims: Partial<Claims> = {}, key: SigningKey = KEYS.trusted): string {
  const iat = Math.floor(Date.now() / 1000)
  return mint(
    {
      iss: 'https://issuer.example.test',
      sub: 'agent://ci/deploy-bot',
      aud: 'https://inventory.internal',
      act: 'inventory.write',
      iat,
      exp: iat + 120,
      jti: randomUUID(),
      ...claims,
    },
    key,
  )
}
