import type { TokenUse } from '../../../lib/replay/replay-store.ts'

/** A real instant in Unix seconds, for clocks moved by hand. */
export const NOW = 1_774_911_120

/** A use of some token at `NOW`. */
export function tokenUse(overrides: Partial<TokenUse> = {}): TokenUse {
  return {
    issuer: 'https://issuer.test',
    tokenId: 'id',
    subject: 'agent://alice',
    issuedAt: NOW,
    acceptableUntil: NOW + 330,
    leewaySeconds: 30,
    token: 'header.payload.signature',
    realm: 'https://api.test\nentity',
    ...overrides,
  }
}
